/* Statements that store events which are not stored yet. `{schema}` is the engine's schema. */

/** Stores events with their deliveries, as both statements below do. */
const CREATE = `
  WITH arrived AS (
    SELECT * FROM unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[],
      $8::text[], $9::int[], $10::int[], $12::text[], $13::boolean[], $28::int[]
    ) WITH ORDINALITY AS arrived (
      source, event_id, type, endpoint, received_at, arrived_by, secret_label,
      headers, body_offset, body_length, account, livemode, place, number
    )
  ),
  placed AS MATERIALIZED (
    SELECT nextval('{schema}.webhook_event_id_seq') AS id, arrived.*
    FROM (SELECT * FROM arrived ORDER BY place) AS arrived
  ),
  stored AS (
    INSERT INTO {schema}.webhook_event (
      id, source, event_id, type, endpoint, received_at, arrived_by, secret_label, account, livemode,
      headers, raw_body
    )
    OVERRIDING SYSTEM VALUE
    SELECT id, source, event_id, type, endpoint, received_at, arrived_by, secret_label, account,
           livemode, headers::jsonb, substring($11::bytea FROM body_offset + 1 FOR body_length)
    FROM placed ORDER BY number
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING id, source, event_id
  ),
  numbered AS (
    SELECT number, id, endpoint FROM arrived JOIN stored USING (source, event_id)
  ),
  created AS (
    INSERT INTO {schema}.webhook_delivery (
      event_id, endpoint, position, job_id, handler, status, reason, attempts, error, reply, lane, burst,
      change, change_format, on_dead, finished_at
    )
    SELECT numbered.id, numbered.endpoint, position, job_id, handler, status, reason, attempts, error,
           reply, lane, burst, change, change_format, on_dead,
           CASE WHEN reply IS NOT NULL THEN now() END
    FROM unnest(
      $14::int[], $15::int[], $16::uuid[], $17::text[], $18::text[], $19::text[], $20::int[],
      $21::text[], $22::text[], $23::uuid[], $24::uuid[], $25::uuid[], $26::text[], $27::text[]
    ) AS wanted (
      number, position, job_id, handler, status, reason, attempts, error, reply, lane, burst, change,
      change_format, on_dead
    )
    JOIN numbered USING (number)`;

/**
 * Stores the events that are not stored yet, with their deliveries. Events stand in order of their key,
 * so that two batches wait for each other and do not deadlock.
 *
 * Events: $1 source, $2 id, $3 type, $4 endpoint, $5 received at, $6 arrived by, $7 secret label,
 * $8 headers, $9 offset of the body, $10 length of the body; $11 all bodies in a row.
 * Events again: $12 account, $13 mode. Deliveries: $14 number of the event, $15 position, $16 job id,
 * $17 handler, $18 status, $19 reason, $20 attempts, $21 error, $22 reply, $23 lane, $24 burst,
 * $25 change, $26 format, $27 on dead. Events again: $28 place in the batch, by which they get their row ids.
 *
 * @returns `number` (counted from 1) of each event that was not stored before.
 */
export const STORE_EVENTS = `${CREATE}
  )
  SELECT number FROM numbered`;

/**
 * As STORE_EVENTS, and inserts a job for each delivery that is to run: all in one statement, which needs no
 * transaction around it.
 *
 * @param insertJobs The statement that inserts jobs, given the expression for their list.
 */
export function storeEventsWithJobs(insertJobs: (jobs: string) => string): string {
  return `${CREATE}
    RETURNING job_id, status
  ),
  due AS (
    SELECT coalesce(json_agg(json_build_object('id', job_id)), '[]')::text AS jobs
    FROM created WHERE status = 'pending'
  ),
  queued AS (${insertJobs('(SELECT jobs FROM due)')})
  SELECT number FROM numbered`;
}
