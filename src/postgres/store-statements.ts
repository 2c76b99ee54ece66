/* Statements that store events, and take those that come again. `{schema}` is the engine's schema. */

/**
 * $1 source, $2 id of each event. Gives their row ids, the endpoint they first came by, and whether their body
 * is kept. The lock keeps them from being pruned meanwhile.
 */
export const FIND_EVENT_IDS = `
  SELECT id, source, event_id, endpoint, raw_body IS NOT NULL AS has_body
  FROM {schema}.webhook_event
  JOIN unnest($1::text[], $2::text[]) AS wanted (source, event_id) USING (source, event_id)
  FOR KEY SHARE OF webhook_event`;

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
 * $1 row ids of events, $2 secret label, $3 headers, $4 offset of the body, $5 its length; $6 all bodies in a
 * row. Keeps a body again that was forgotten, with what it was signed with, until the event is finished anew.
 */
export const RESTORE_BODIES = `
  UPDATE {schema}.webhook_event AS event
  SET secret_label = arrived.secret_label, headers = arrived.headers::jsonb,
      raw_body = substring($6::bytea FROM body_offset + 1 FOR body_length)
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::int[])
    AS arrived (event_id, secret_label, headers, body_offset, body_length)
  WHERE event.id = arrived.event_id AND event.raw_body IS NULL`;

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
 * $1 row ids of events, $2 position, $3 endpoint, $4 whether it runs on the later arrival, $5 job id,
 * $6 handler, $7 status, $8 reason, $9 attempts, $10 error, $11 reply, $12 lane, $13 burst, $14 change,
 * $15 format, $16 on dead. Gives those that there were not.
 */
export const ADD_DELIVERIES = `
  INSERT INTO {schema}.webhook_delivery (
    event_id, position, endpoint, is_arrival, job_id, handler, status, reason, attempts, error, reply,
    lane, burst, change, change_format, on_dead, finished_at
  )
  SELECT *, CASE WHEN reply IS NOT NULL THEN now() END FROM unnest(
    $1::bigint[], $2::int[], $3::text[], $4::boolean[], $5::uuid[], $6::text[], $7::text[], $8::text[],
    $9::int[], $10::text[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[], $15::text[], $16::text[]
  ) AS wanted (
    event_id, position, endpoint, is_arrival, job_id, handler, status, reason, attempts, error, reply,
    lane, burst, change, change_format, on_dead
  )
  ORDER BY event_id, handler
  ON CONFLICT (event_id, handler) DO NOTHING
  RETURNING job_id`;

/**
 * $1 endpoint, $2 whether it runs on the later arrival, and $3 to $14 as above from the job id on. Puts
 * what is wanted in the place of what had been turned away, and gives the job ids.
 */
export const UNSKIP_DELIVERIES = `
  UPDATE {schema}.webhook_delivery AS delivery
  SET endpoint = wanted.endpoint, is_arrival = wanted.is_arrival, status = wanted.status,
      reason = wanted.reason, attempts = wanted.attempts, error = wanted.error, reply = wanted.reply,
      lane = wanted.lane, burst = wanted.burst, change = wanted.change,
      change_format = wanted.change_format, on_dead = wanted.on_dead,
      finished_at = CASE WHEN wanted.reply IS NOT NULL THEN now() END
  FROM unnest(
    $1::text[], $2::boolean[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
    $9::text[], $10::uuid[], $11::uuid[], $12::uuid[], $13::text[], $14::text[]
  ) AS wanted (
    endpoint, is_arrival, job_id, handler, status, reason, attempts, error, reply, lane, burst, change,
    change_format, on_dead
  )
  WHERE delivery.job_id = wanted.job_id AND delivery.status = 'skipped' AND delivery.attempts = 0
  RETURNING delivery.job_id`;

/** $1 job ids, $2 now. Makes pending what had failed, unless its handler has set a later time. */
export const MAKE_DUE = `
  UPDATE {schema}.webhook_delivery SET status = 'pending', retry_at = NULL, is_held = false
  WHERE job_id = ANY($1::uuid[]) AND status = 'failed' AND NOT (is_held AND retry_at > $2)
  RETURNING job_id`;
