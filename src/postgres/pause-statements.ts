/* Statements about handlers that are paused. `{schema}` is the engine's schema. */

/** $1 handler. */
export const PAUSE =
  'INSERT INTO {schema}.webhook_pause (handler) VALUES ($1) ON CONFLICT DO NOTHING';

/** $1 handler. It waits for those that are being held back. */
export const RESUME = 'DELETE FROM {schema}.webhook_pause WHERE handler = $1';

/**
 * $1 handler. Gives all that was held back a new job, and the ids of these. Those that have kept their turn in
 * their lane go on to have it.
 */
export const RELEASE_HELD = `
  WITH held AS MATERIALIZED (
    SELECT job_id, gen_random_uuid() AS next_job_id FROM {schema}.webhook_delivery
    WHERE handler = $1 AND is_paused FOR UPDATE
  ),
  released AS (
    UPDATE {schema}.webhook_delivery AS delivery
    SET is_paused = false, job_id = next_job_id, claim = -1
    FROM held WHERE delivery.job_id = held.job_id
    RETURNING held.job_id, next_job_id, lane
  ),
  moved AS (
    UPDATE {schema}.webhook_lane AS taken SET holder = next_job_id
    FROM released WHERE taken.lane = released.lane AND holder = released.job_id
  )
  SELECT next_job_id AS job_id FROM released`;

/**
 * $1 job ids, $2 their handlers. Holds back those whose handler is still paused, which cannot be resumed
 * until this is committed; and gives their job ids.
 */
export const HOLD_BACK = `
  WITH paused AS (
    SELECT handler FROM {schema}.webhook_pause WHERE handler = ANY($2::text[]) FOR KEY SHARE
  )
  UPDATE {schema}.webhook_delivery AS delivery SET is_paused = true
  FROM paused WHERE delivery.handler = paused.handler AND job_id = ANY($1::uuid[])
  RETURNING delivery.job_id`;

export const LIST_PAUSED = 'SELECT handler FROM {schema}.webhook_pause ORDER BY handler';
