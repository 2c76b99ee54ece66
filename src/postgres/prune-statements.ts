/* Statements that forget events. `{schema}` is the engine's schema. */

/** $1 the schema. True for one transaction at a time, of all processes. */
export const LOCK_PRUNING = `
  SELECT pg_try_advisory_xact_lock(hashtextextended('nestjs-webhook-inbox:prune:' || $1::text, 0)) AS is_locked`;

/** What is due again while it is looked at is unfinished. What is dead and holds a lane may be replayed. */
const IS_FINISHED = `
  NOT EXISTS (
    SELECT 1 FROM {schema}.webhook_delivery AS delivery
    WHERE delivery.event_id = event.id AND (status IN ('pending', 'running', 'failed') OR is_blocking)
  )`;

/**
 * $1 time of receipt; $2 time of receipt and $3 row id of the event that the last batch ended with; $4 how
 * many. Row ids of older events that have a body and nothing unfinished, locked. Those that another
 * transaction has locked are left for the next time.
 */
export const FIND_OLD_BODIES = `
  SELECT id, received_at FROM {schema}.webhook_event AS event
  WHERE raw_body IS NOT NULL AND received_at < $1 AND (received_at, id) > ($2::timestamptz, $3::bigint)
    AND ${IS_FINISHED}
  ORDER BY received_at, id LIMIT $4 FOR UPDATE OF event SKIP LOCKED`;

/** As above, of events whose body is gone. */
export const FIND_OLD_EVENTS = FIND_OLD_BODIES.replace('raw_body IS NOT NULL', 'raw_body IS NULL');

/** $1 row ids of events. Gives those whose body it drops. */
export const DROP_BODIES = `
  WITH dropped AS (
    UPDATE {schema}.webhook_event AS event SET raw_body = NULL
    WHERE id = ANY($1::bigint[]) AND ${IS_FINISHED}
    RETURNING id
  ),
  arrivals AS (
    UPDATE {schema}.webhook_arrival SET raw_body = NULL
    WHERE event_id IN (SELECT id FROM dropped) AND raw_body IS NOT NULL
  )
  SELECT id FROM dropped`;

/** $1 row ids of events. Gives those that it deletes. */
export const DELETE_EVENTS = `
  WITH deleted AS (
    DELETE FROM {schema}.webhook_event AS event
    WHERE id = ANY($1::bigint[]) AND ${IS_FINISHED}
    RETURNING id
  ),
  changes AS (
    DELETE FROM {schema}.webhook_change WHERE event_id IN (SELECT id FROM deleted) AND change IN (
      SELECT change FROM {schema}.webhook_delivery WHERE event_id IN (SELECT id FROM deleted)
    )
  ),
  deliveries AS (
    DELETE FROM {schema}.webhook_delivery WHERE event_id IN (SELECT id FROM deleted)
  ),
  arrivals AS (
    DELETE FROM {schema}.webhook_arrival WHERE event_id IN (SELECT id FROM deleted)
  )
  SELECT id FROM deleted`;
