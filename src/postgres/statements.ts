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
 * $18 lane, $19 change, $20 format.
 *
 * @returns `number` (counted from 1) of each event that was not stored before.
 */
export const STORE_EVENTS = `
  WITH arrived AS (
    SELECT * FROM unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
      $8::text[], $9::int[], $10::int[]
    ) WITH ORDINALITY AS arrived (
      source, event_id, type, endpoint, received_at, arrived_by, secret_label,
      headers, body_offset, body_length, number
    )
  ),
  stored AS (
    INSERT INTO {schema}.webhook_event (
      source, event_id, type, endpoint, received_at, arrived_by, secret_label, headers, raw_body
    )
    SELECT source, event_id, type, endpoint, received_at, arrived_by, secret_label, headers::jsonb,
           substring($11::bytea FROM body_offset + 1 FOR body_length)
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
    RETURNING delivery.job_id, delivery.event_id, handler, delivery.claim, attempts, endpoint, is_arrival
  )
  SELECT job_id, handler, claim, attempts, source, event.event_id, type, started.endpoint,
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
         delivery.handler, delivery.endpoint AS delivery_endpoint, delivery.status, delivery.attempts,
         delivery.reason, delivery.error, delivery.retry_at
  FROM {schema}.webhook_event AS event
  JOIN unnest($1::text[], $2::text[]) AS wanted (source, event_id) USING (source, event_id)
  LEFT JOIN {schema}.webhook_delivery AS delivery ON delivery.event_id = event.id
  ORDER BY event.id, delivery.position, delivery.handler`;
