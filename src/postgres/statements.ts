/** Every statement on our tables, with its parameters above it. `{schema}` is the engine's schema. */

export function inSchema(statement: string, schema: string): string {
  return statement.replaceAll('{schema}', `"${schema}"`);
}

/**
 * Stores the events that are not stored yet, with their deliveries. Events stand in order of their key,
 * so that two batches wait for each other and do not deadlock.
 *
 * Events: $1 source, $2 id, $3 type, $4 endpoint, $5 received at, $6 arrived by, $7 secret label,
 * $8 headers, $9 offset of the body, $10 length of the body; $11 all bodies in a row.
 * Deliveries: $12 number of the event, $13 handler, $14 position, $15 job id, $16 status, $17 reason,
 * $18 lane, $19 change, $20 format. Events again: $21 account, $22 mode.
 *
 * @returns `number` (counted from 1) of each event that was not stored before.
 */
export const STORE_EVENTS = `
  WITH arrived AS (
    SELECT * FROM unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
      $8::text[], $9::int[], $10::int[], $21::text[], $22::boolean[]
    ) WITH ORDINALITY AS arrived (
      source, event_id, type, endpoint, received_at, arrived_by, secret_label,
      headers, body_offset, body_length, account, livemode, number
    )
  ),
  stored AS (
    INSERT INTO {schema}.webhook_event (
      source, event_id, type, endpoint, received_at, arrived_by, secret_label, account, livemode,
      headers, raw_body
    )
    SELECT source, event_id, type, endpoint, received_at, arrived_by, secret_label, account, livemode,
           headers::jsonb, substring($11::bytea FROM body_offset + 1 FOR body_length)
    FROM arrived ORDER BY number
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING id, source, event_id
  ),
  numbered AS (
    SELECT number, id, endpoint FROM arrived JOIN stored USING (source, event_id)
  ),
  created AS (
    INSERT INTO {schema}.webhook_delivery (
      event_id, handler, position, endpoint, job_id, status, reason, lane, change_id, change_format
    )
    SELECT numbered.id, handler, position, numbered.endpoint, job_id, status, reason, lane, change_id,
           change_format
    FROM unnest(
      $12::int[], $13::text[], $14::int[], $15::uuid[], $16::text[], $17::text[], $18::text[],
      $19::text[], $20::text[]
    ) AS wanted (
      number, handler, position, job_id, status, reason, lane, change_id, change_format
    )
    JOIN numbered USING (number)
  )
  SELECT number FROM numbered`;

/** $1 source, $2 id of each event. Gives their row ids, and the endpoint they first came by. */
export const FIND_EVENT_IDS = `
  SELECT id, source, event_id, endpoint
  FROM {schema}.webhook_event
  JOIN unnest($1::text[], $2::text[]) AS wanted (source, event_id) USING (source, event_id)`;

/**
 * $1 row ids of events. Their deliveries; those that a repeated event may change are locked, always in
 * the same order.
 */
export const LOCK_DELIVERIES = `
  WITH locked AS (
    SELECT event_id, handler FROM {schema}.webhook_delivery
    WHERE event_id = ANY($1::bigint[]) AND status IN ('failed', 'skipped')
    ORDER BY event_id, handler FOR UPDATE
  )
  SELECT event_id, handler, position, status, attempts, job_id
  FROM {schema}.webhook_delivery
  WHERE event_id = ANY($1::bigint[]) AND (SELECT count(*) FROM locked) >= 0`;

/**
 * $1 row ids of events, $2 endpoint, $3 received at, $4 arrived by, $5 secret label, $6 headers,
 * $7 offset of the body, $8 its length; $9 all bodies in a row. A body that is the event's own is not kept again.
 */
export const STORE_ARRIVALS = `
  INSERT INTO {schema}.webhook_arrival (
    event_id, endpoint, received_at, arrived_by, secret_label, headers, raw_body
  )
  SELECT arrived.event_id, arrived.endpoint, arrived.received_at, arrived.arrived_by,
         arrived.secret_label, arrived.headers::jsonb,
         nullif(substring($9::bytea FROM body_offset + 1 FOR body_length), event.raw_body)
  FROM unnest(
    $1::bigint[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[]
  ) AS arrived (
    event_id, endpoint, received_at, arrived_by, secret_label, headers, body_offset, body_length
  )
  JOIN {schema}.webhook_event AS event ON event.id = arrived.event_id
  ORDER BY arrived.event_id, arrived.endpoint
  ON CONFLICT (event_id, endpoint) DO NOTHING`;

/**
 * $1 row ids of events, $2 handler, $3 position, $4 endpoint, $5 whether it runs on the later arrival,
 * $6 job id, $7 status, $8 reason, $9 lane, $10 change, $11 format. Gives those that there were not.
 */
export const ADD_DELIVERIES = `
  INSERT INTO {schema}.webhook_delivery (
    event_id, handler, position, endpoint, is_arrival, job_id, status, reason, lane, change_id,
    change_format
  )
  SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::int[], $4::text[], $5::boolean[], $6::uuid[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[]
  ) AS wanted (
    event_id, handler, position, endpoint, is_arrival, job_id, status, reason, lane, change_id,
    change_format
  )
  ORDER BY event_id, handler
  ON CONFLICT (event_id, handler) DO NOTHING
  RETURNING job_id, status`;

/**
 * $1 job id, $2 endpoint, $3 whether it runs on the later arrival. Makes pending what a filter had
 * skipped, and gives the job ids.
 */
export const UNSKIP_DELIVERIES = `
  UPDATE {schema}.webhook_delivery AS delivery
  SET status = 'pending', reason = NULL, endpoint = accepted.endpoint, is_arrival = accepted.is_arrival
  FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS accepted (job_id, endpoint, is_arrival)
  WHERE delivery.job_id = accepted.job_id AND status = 'skipped' AND attempts = 0
  RETURNING delivery.job_id`;

/** $1 job ids, $2 now. Makes pending what had failed, unless its handler has set a later time. */
export const MAKE_DUE = `
  UPDATE {schema}.webhook_delivery SET status = 'pending', retry_at = NULL, is_held = false
  WHERE job_id = ANY($1::uuid[]) AND status = 'failed' AND NOT (is_held AND retry_at > $2)
  RETURNING job_id`;

/**
 * $1 job id, $2 claim. Begins an attempt of each delivery that is unfinished and that no later claim has
 * taken, and gives it with the event it runs on.
 */
export const START_ATTEMPTS = `
  WITH started AS (
    UPDATE {schema}.webhook_delivery AS delivery
    SET status = 'running', attempts = attempts + 1, claim = claimed.claim, retry_at = NULL,
        is_held = false, started_at = now()
    FROM unnest($1::uuid[], $2::int[]) AS claimed (job_id, claim)
    WHERE delivery.job_id = claimed.job_id AND delivery.claim < claimed.claim
      AND status IN ('pending', 'failed', 'running')
    RETURNING delivery.job_id, delivery.event_id, handler, delivery.claim, attempts, replay, endpoint,
              is_arrival
  )
  SELECT job_id, handler, claim, attempts, replay, source, event.event_id, type, started.endpoint,
         account, livemode,
         CASE WHEN is_arrival THEN arrival.received_at ELSE event.received_at END AS received_at,
         CASE WHEN is_arrival THEN arrival.arrived_by ELSE event.arrived_by END AS arrived_by,
         CASE WHEN is_arrival THEN arrival.secret_label ELSE event.secret_label END AS secret_label,
         CASE WHEN is_arrival THEN arrival.headers ELSE event.headers END AS headers,
         coalesce(arrival.raw_body, event.raw_body) AS raw_body
  FROM started
  JOIN {schema}.webhook_event AS event ON event.id = started.event_id
  LEFT JOIN {schema}.webhook_arrival AS arrival
    ON is_arrival AND arrival.event_id = started.event_id AND arrival.endpoint = started.endpoint`;

/**
 * $1 job id, $2 claim, $3 status, $4 reason, $5 error, $6 retry at, $7 is held, $8 attempts to take back.
 * Gives the job ids of the attempts that still had their delivery.
 */
export const SETTLE_ATTEMPTS = `
  WITH settled AS (
    SELECT * FROM unnest(
      $1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[],
      $8::int[]
    ) AS settled (job_id, claim, status, reason, error, retry_at, is_held, uncounted)
  )
  UPDATE {schema}.webhook_delivery AS delivery
  SET status = settled.status, reason = settled.reason, error = settled.error,
      retry_at = settled.retry_at, is_held = settled.is_held, attempts = attempts - uncounted,
      finished_at = CASE WHEN settled.status IN ('succeeded', 'skipped', 'dead') THEN now() END
  FROM settled
  WHERE delivery.job_id = settled.job_id AND delivery.claim = settled.claim
    AND delivery.status = 'running'
  RETURNING delivery.job_id`;

/** $1 source, $2 id of each event. A row for each delivery, and one for an event without any. */
export const FIND_EVENTS = `
  SELECT event.source, event.event_id, event.type, event.endpoint, event.received_at,
         event.arrived_by, event.account, event.livemode, delivery.handler,
         delivery.endpoint AS delivery_endpoint, delivery.status, delivery.attempts, delivery.replay,
         delivery.reason, delivery.error, delivery.retry_at
  FROM {schema}.webhook_event AS event
  JOIN unnest($1::text[], $2::text[]) AS wanted (source, event_id) USING (source, event_id)
  LEFT JOIN {schema}.webhook_delivery AS delivery ON delivery.event_id = event.id
  ORDER BY event.id, delivery.position, delivery.handler`;

/**
 * The last stored first. Each parameter may be NULL, which narrows nothing: $1 row id that the page stands
 * before, $2 source, $3 id, $4 type, $5 prefix of the type, $6 endpoint, $7 account, $8 mode, $9 handler,
 * $10 status of the handler's delivery, or of any, $11 received since, $12 received until; $13 how many.
 */
export const LIST_EVENTS = `
  WITH page AS (
    SELECT * FROM {schema}.webhook_event AS event
    WHERE ($1::bigint IS NULL OR id < $1)
      AND ($2::text IS NULL OR source = $2) AND ($3::text IS NULL OR event_id = $3)
      AND ($4::text IS NULL OR type = $4) AND ($5::text IS NULL OR starts_with(type, $5))
      AND ($6::text IS NULL OR endpoint = $6) AND ($7::text IS NULL OR account = $7)
      AND ($8::boolean IS NULL OR livemode = $8)
      AND ($9::text IS NULL AND $10::text IS NULL OR EXISTS (
        SELECT 1 FROM {schema}.webhook_delivery AS delivery
        WHERE delivery.event_id = event.id AND ($9::text IS NULL OR handler = $9)
          AND ($10::text IS NULL OR status = $10)
      ))
      AND ($11::timestamptz IS NULL OR received_at >= $11)
      AND ($12::timestamptz IS NULL OR received_at < $12)
    ORDER BY id DESC LIMIT $13
  )
  SELECT page.id AS row_id, page.source, page.event_id, page.type, page.endpoint, page.received_at,
         page.arrived_by, page.account, page.livemode, delivery.handler,
         delivery.endpoint AS delivery_endpoint, delivery.status, delivery.attempts, delivery.replay,
         delivery.reason, delivery.error, delivery.retry_at
  FROM page LEFT JOIN {schema}.webhook_delivery AS delivery ON delivery.event_id = page.id
  ORDER BY page.id DESC, delivery.position, delivery.handler`;

/** $1 source, $2 id. The event as it came first, if its body is kept. */
export const LOAD_EVENT = `
  SELECT * FROM {schema}.webhook_event WHERE source = $1 AND event_id = $2 AND raw_body IS NOT NULL`;

/** How many deliveries there are of each status, and how many of them were settled in the last minute. */
export const COUNT_DELIVERIES = `
  SELECT status, count(*)::int AS count,
         count(*) FILTER (WHERE finished_at > now() - interval '1 minute')::int AS last_minute
  FROM {schema}.webhook_delivery GROUP BY status`;

/** When the oldest unfinished event was received, and how many were stored in the last minute. */
export const SUMMARIZE_EVENTS = `
  SELECT
    (SELECT min(received_at) FROM {schema}.webhook_event WHERE id IN (
      SELECT event_id FROM {schema}.webhook_delivery WHERE status IN ('pending', 'running', 'failed')
    )) AS oldest,
    (SELECT count(*)::int FROM {schema}.webhook_event
     WHERE stored_at > now() - interval '1 minute') AS last_minute`;

/**
 * $1 source, $2 id, $3 handler of each delivery that is to run anew. What there is of each whose body is
 * kept: the row of the event, and of the delivery, if there is one.
 */
export const FIND_REPLAYS = `
  SELECT event.id, event.source, event.event_id, event.endpoint, wanted.handler, delivery.job_id,
         coalesce(delivery.replay, 0) AS replay, event.endpoint,
         (SELECT count(*)::int FROM {schema}.webhook_delivery AS other WHERE other.event_id = event.id) AS position
  FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (source, event_id, handler)
  JOIN {schema}.webhook_event AS event USING (source, event_id)
  LEFT JOIN {schema}.webhook_delivery AS delivery
    ON delivery.event_id = event.id AND delivery.handler = wanted.handler
  WHERE event.raw_body IS NOT NULL
  ORDER BY event.id, wanted.handler`;

/** $1 job id as it was, $2 as it is from now on. Makes settled and failed deliveries pending anew. */
export const REPLAY_DELIVERIES = `
  UPDATE {schema}.webhook_delivery AS delivery
  SET job_id = replayed.next_job_id, claim = -1, replay = replay + 1, status = 'pending', attempts = 0,
      reason = NULL, error = NULL, retry_at = NULL, is_held = false, finished_at = NULL
  FROM unnest($1::uuid[], $2::uuid[]) AS replayed (job_id, next_job_id)
  WHERE delivery.job_id = replayed.job_id AND status NOT IN ('pending', 'running')
  RETURNING replayed.job_id AS job_id, replayed.next_job_id AS next_job_id`;

/** $1 row ids of events, $2 handler, $3 position, $4 endpoint, $5 job id, $6 lane. Gives those that were added. */
export const ADD_REPLAYS = `
  INSERT INTO {schema}.webhook_delivery (
    event_id, handler, position, endpoint, job_id, lane, status, replay
  )
  SELECT *, 'pending', 1 FROM unnest(
    $1::bigint[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::text[]
  ) AS added (event_id, handler, position, endpoint, job_id, lane)
  ON CONFLICT (event_id, handler) DO NOTHING
  RETURNING job_id`;

/** $1 source, $2 id, $3 handler. Makes a failed delivery pending, also before the time its handler has set. */
export const RETRY_NOW = `
  UPDATE {schema}.webhook_delivery SET status = 'pending', retry_at = NULL, is_held = false
  WHERE status = 'failed' AND handler = $3 AND event_id = (
    SELECT id FROM {schema}.webhook_event WHERE source = $1 AND event_id = $2
  )
  RETURNING job_id`;

/** $1 time of receipt, $2 how many. Row ids of older events that have nothing unfinished. */
export const FIND_OLD_EVENTS = `
  SELECT id FROM {schema}.webhook_event AS event
  WHERE received_at < $1 AND NOT EXISTS (
    SELECT 1 FROM {schema}.webhook_delivery AS delivery
    WHERE delivery.event_id = event.id AND status IN ('pending', 'running', 'failed')
  )
  ORDER BY id LIMIT $2 FOR UPDATE OF event SKIP LOCKED`;

/** As above, and only events whose body is kept. */
export const FIND_OLD_BODIES = FIND_OLD_EVENTS.replace(
  'WHERE received_at < $1',
  'WHERE received_at < $1 AND raw_body IS NOT NULL',
);

/** $1 row ids of events. */
export const DELETE_EVENTS = `
  WITH ids AS (SELECT unnest($1::bigint[]) AS id),
  deliveries AS (DELETE FROM {schema}.webhook_delivery WHERE event_id IN (SELECT id FROM ids)),
  arrivals AS (DELETE FROM {schema}.webhook_arrival WHERE event_id IN (SELECT id FROM ids))
  DELETE FROM {schema}.webhook_event WHERE id IN (SELECT id FROM ids)`;

/** $1 row ids of events. */
export const DROP_BODIES = `
  WITH arrivals AS (
    UPDATE {schema}.webhook_arrival SET raw_body = NULL
    WHERE event_id = ANY($1::bigint[]) AND raw_body IS NOT NULL
  )
  UPDATE {schema}.webhook_event SET raw_body = NULL WHERE id = ANY($1::bigint[])`;
