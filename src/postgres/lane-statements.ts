/* Statements about lanes, and runs that stand for several deliveries of one. `{schema}` is the engine's schema. */

/**
 * $1 job ids. Each takes the turn in its lane where nobody has it; the others wait. Lanes stand in order, so
 * that two batches wait for each other and do not deadlock.
 *
 * @returns The job ids of those that wait.
 */
export const TAKE_TURNS = `
  WITH wanted AS (
    SELECT job_id, lane, event_id, position FROM {schema}.webhook_delivery
    WHERE job_id = ANY($1::uuid[]) AND lane IS NOT NULL
  ),
  turns AS (
    INSERT INTO {schema}.webhook_lane AS taken (lane, holder)
    SELECT DISTINCT ON (lane) lane, job_id FROM wanted ORDER BY lane, event_id, position
    -- Changes nothing; it waits for a turn that is being passed on, and gives who has it then.
    ON CONFLICT (lane) DO UPDATE SET holder = taken.holder
    RETURNING lane, holder
  )
  UPDATE {schema}.webhook_delivery AS delivery SET is_waiting = true
  FROM wanted JOIN turns USING (lane)
  WHERE delivery.job_id = wanted.job_id AND turns.holder <> wanted.job_id
  RETURNING delivery.job_id`;

/**
 * $1 lanes, $2 the schema. Until the end of the transaction, no other stores into these lanes: their events
 * get their row ids in the order in which they are seen. In order of the lanes, as above.
 */
export const ORDER_LANES = `
  SELECT pg_advisory_xact_lock(hashtextextended('nestjs-webhook-inbox:lane:' || $2::text || lane, 0))::text
  FROM (SELECT DISTINCT lane FROM unnest($1::text[]) AS stored (lane) ORDER BY lane) AS ordered`;

/** $1 job ids of dead deliveries that keep their turn. */
export const BLOCK_LANES =
  'UPDATE {schema}.webhook_delivery SET is_blocking = true WHERE job_id = ANY($1::uuid[])';

/** $1 source, $2 id, $3 handler. The lane of a delivery that keeps its turn although it is dead, and its job id. */
export const UNBLOCK = `
  UPDATE {schema}.webhook_delivery SET is_blocking = false
  WHERE is_blocking AND handler = $3 AND event_id = (
    SELECT id FROM {schema}.webhook_event WHERE source = $1 AND event_id = $2
  )
  RETURNING lane, job_id`;

/** $1 lanes, $2 job ids that give up their turn. Locks the lanes, and gives those in which they have it. */
export const LOCK_LANES = `
  SELECT lane FROM {schema}.webhook_lane
  WHERE lane = ANY($1::uuid[]) AND holder = ANY($2::uuid[]) ORDER BY lane FOR UPDATE`;

/** $1 job ids that are not run. Locks the lanes in which they have the turn. */
export const LOCK_IDLE_LANES = `
  SELECT lane FROM {schema}.webhook_lane WHERE holder = ANY($1::uuid[]) ORDER BY lane FOR UPDATE`;

/** $1 lanes, which are locked. Gives those whose turn belongs to a job that nothing is left to do for. */
export const FIND_IDLE_LANES = `
  SELECT lane FROM {schema}.webhook_lane WHERE lane = ANY($1::uuid[]) AND NOT EXISTS (
    SELECT 1 FROM {schema}.webhook_delivery AS delivery
    WHERE delivery.job_id = holder AND (status IN ('pending', 'running', 'failed') OR is_blocking)
  )`;

/**
 * $1 lanes, which are locked. The turn goes to the one that was stored first of those that wait, under a
 * new job; a lane for which nobody waits is free.
 *
 * @returns The new job ids.
 */
export const PASS_TURNS = `
  WITH next AS (
    SELECT waiting.job_id, waiting.lane
    FROM unnest($1::uuid[]) AS passed (lane)
    CROSS JOIN LATERAL (
      SELECT job_id, delivery.lane FROM {schema}.webhook_delivery AS delivery
      WHERE delivery.lane = passed.lane AND is_waiting ORDER BY event_id, position LIMIT 1
    ) AS waiting
  ),
  woken AS (
    UPDATE {schema}.webhook_delivery AS delivery
    SET is_waiting = false, job_id = gen_random_uuid(), claim = -1
    FROM next WHERE delivery.job_id = next.job_id
    RETURNING delivery.lane, delivery.job_id
  ),
  passed AS (
    UPDATE {schema}.webhook_lane AS taken SET holder = woken.job_id
    FROM woken WHERE taken.lane = woken.lane
  ),
  freed AS (
    DELETE FROM {schema}.webhook_lane
    WHERE lane = ANY($1::uuid[]) AND lane NOT IN (SELECT lane FROM next)
  )
  SELECT job_id FROM woken`;

/**
 * $1 burst, $2 job id of the run that begins, $3 its lane. It stands for all that are pending now. Its lane is locked
 * first, as by everyone who lets others wait in it.
 */
export const LEAD_BURSTS = `
  WITH locked AS (
    SELECT holder AS job_id FROM {schema}.webhook_lane
    WHERE holder = ANY($2::uuid[]) AND lane = ANY($3::uuid[]) ORDER BY lane FOR UPDATE
  )
  UPDATE {schema}.webhook_delivery AS delivery SET leader = locked.job_id
  FROM unnest($1::uuid[], $2::uuid[]) AS begun (burst, job_id) JOIN locked USING (job_id)
  WHERE delivery.burst = begun.burst AND status = 'pending'`;

/**
 * $1 burst, $2 job id of the run, $3 status, $4 reason. Settles those that it stood for as it was settled.
 *
 * @returns Their job ids, and their events.
 */
export const SETTLE_FOLLOWERS = `
  UPDATE {schema}.webhook_delivery AS delivery
  SET status = led.status, reason = led.reason, error = NULL, attempts = attempts + 1, is_waiting = false,
      is_paused = false, burst = NULL, finished_at = now()
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS led (burst, job_id, status, reason),
       {schema}.webhook_event AS event
  WHERE delivery.burst = led.burst AND leader = led.job_id AND delivery.status = 'pending'
    AND event.id = delivery.event_id
  RETURNING delivery.job_id, event.source, event.event_id`;
