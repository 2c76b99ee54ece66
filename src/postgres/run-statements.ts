/* Statements around attempts of deliveries. `{schema}` is the engine's schema. */

/**
 * $1 job id, $2 claim. Begins an attempt of each delivery that is unfinished and that no later claim has
 * taken, and gives it with the event it runs on. Those whose lane is taken wait for their turn instead, and
 * are not given: their job is to be ended.
 */
export const START_ATTEMPTS = `
  WITH claimed AS (
    SELECT job_id, taken.claim, lane, event_id, position
    FROM unnest($1::uuid[], $2::int[]) AS taken (job_id, claim)
    JOIN {schema}.webhook_delivery AS delivery USING (job_id)
    WHERE delivery.claim < taken.claim AND status IN ('pending', 'failed', 'running')
  ),
  turns AS (
    INSERT INTO {schema}.webhook_lane AS taken (lane, holder)
    SELECT DISTINCT ON (lane) lane, job_id FROM claimed
    WHERE lane IS NOT NULL ORDER BY lane, event_id, position
    -- Changes nothing; it waits for a turn that is being passed on, and gives who has it then.
    ON CONFLICT (lane) DO UPDATE SET holder = taken.holder
    RETURNING lane, holder
  ),
  started AS (
    UPDATE {schema}.webhook_delivery AS delivery
    SET status = CASE WHEN waits THEN 'pending' ELSE 'running' END, is_waiting = waits,
        attempts = attempts + CASE WHEN waits THEN 0 ELSE 1 END, claim = claimed.claim, retry_at = NULL,
        is_held = false, leader = CASE WHEN waits THEN leader END, started_at = now()
    FROM (
      SELECT job_id, claim, coalesce(holder <> job_id, false) AS waits
      FROM claimed LEFT JOIN turns USING (lane)
    ) AS claimed
    WHERE delivery.job_id = claimed.job_id AND delivery.claim < claimed.claim
      AND status IN ('pending', 'failed', 'running')
    RETURNING delivery.job_id, delivery.event_id, handler, delivery.claim, attempts, replay, endpoint,
              is_arrival, is_waiting, lane, change, burst, on_dead
  )
  SELECT job_id, handler, claim, attempts, replay, lane, change, burst, on_dead, source, event.event_id,
         type, started.endpoint, account, livemode,
         EXISTS (
           SELECT 1 FROM {schema}.webhook_pause AS pause WHERE pause.handler = started.handler
         ) AS is_paused,
         CASE WHEN is_arrival THEN arrival.received_at ELSE event.received_at END AS received_at,
         CASE WHEN is_arrival THEN arrival.arrived_by ELSE event.arrived_by END AS arrived_by,
         CASE WHEN is_arrival THEN arrival.secret_label ELSE event.secret_label END AS secret_label,
         CASE WHEN is_arrival THEN arrival.headers ELSE event.headers END AS headers,
         coalesce(arrival.raw_body, event.raw_body) AS raw_body
  FROM started
  JOIN {schema}.webhook_event AS event ON event.id = started.event_id
  LEFT JOIN {schema}.webhook_arrival AS arrival
    ON is_arrival AND arrival.event_id = started.event_id AND arrival.endpoint = started.endpoint
  WHERE NOT is_waiting`;

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
      burst = CASE WHEN settled.status IN ('pending', 'failed') THEN burst END,
      finished_at = CASE WHEN settled.status IN ('succeeded', 'skipped', 'dead') THEN now() END
  FROM settled
  WHERE delivery.job_id = settled.job_id AND delivery.claim = settled.claim
    AND delivery.status = 'running'
  RETURNING delivery.job_id`;

/**
 * $1 source, $2 id, $3 handler of each delivery that is to run anew. What there is of each whose body is
 * kept: the row of the event, and of the delivery, if there is one. The lock keeps the body from being pruned
 * meanwhile.
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
  ORDER BY event.id, wanted.handler FOR KEY SHARE OF event`;

/**
 * $1 job id as it was, $2 as it is from now on; $3 lane, $4 change, $5 its format and $6 on dead of one that a
 * filter turned away. Makes settled and failed deliveries pending anew. Those whose turn it is in their lane
 * keep it.
 *
 * @returns Whether it was turned away for its change.
 */
export const REPLAY_DELIVERIES = `
  WITH replayed AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
      AS replayed (job_id, next_job_id, lane, change, change_format, on_dead)
  ),
  locked AS (
    SELECT job_id, status = 'skipped' AND attempts = 0 AND change IS NULL AS by_filter,
           status = 'skipped' AND attempts = 0 AND change IS NOT NULL AS for_change
    FROM {schema}.webhook_delivery
    WHERE job_id = ANY($1::uuid[]) AND status NOT IN ('pending', 'running')
    ORDER BY event_id, handler FOR UPDATE
  ),
  renewed AS (
    UPDATE {schema}.webhook_delivery AS delivery
    SET job_id = next_job_id, claim = -1, replay = replay + 1, status = 'pending', attempts = 0,
        reason = NULL, error = NULL, retry_at = NULL, is_held = false, leader = NULL,
        finished_at = NULL, is_blocking = false,
        lane = CASE WHEN by_filter THEN replayed.lane ELSE delivery.lane END,
        change = CASE WHEN by_filter THEN replayed.change ELSE delivery.change END,
        change_format = CASE WHEN by_filter THEN replayed.change_format ELSE delivery.change_format END,
        on_dead = CASE WHEN by_filter THEN replayed.on_dead ELSE delivery.on_dead END
    FROM replayed JOIN locked USING (job_id)
    WHERE delivery.job_id = replayed.job_id
    RETURNING replayed.job_id, next_job_id, delivery.lane, for_change
  ),
  moved AS (
    UPDATE {schema}.webhook_lane AS taken SET holder = next_job_id
    FROM renewed WHERE taken.lane = renewed.lane AND holder = renewed.job_id
  )
  SELECT job_id, next_job_id, lane, for_change FROM renewed`;

/**
 * $1 row ids of events, $2 handler, $3 position, $4 endpoint, $5 job id, $6 lane, $7 change, $8 format,
 * $9 on dead. Gives those that were added.
 */
export const ADD_REPLAYS = `
  INSERT INTO {schema}.webhook_delivery (
    event_id, handler, position, endpoint, job_id, lane, change, change_format, on_dead, status, replay
  )
  SELECT *, 'pending', 1 FROM unnest(
    $1::bigint[], $2::text[], $3::int[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::text[],
    $9::text[]
  ) AS added (event_id, handler, position, endpoint, job_id, lane, change, change_format, on_dead)
  ON CONFLICT (event_id, handler) DO NOTHING
  RETURNING job_id AS next_job_id, lane`;

/** Jobs of deliveries that may wait for their time, and when that is; at once where it is not kept. */
export const FIND_WAITING = `
  SELECT job_id, retry_at FROM {schema}.webhook_delivery WHERE status IN ('pending', 'failed')`;

/** $1 source, $2 id, $3 handler. Makes a failed delivery pending, also before the time its handler has set. */
export const RETRY_NOW = `
  UPDATE {schema}.webhook_delivery SET status = 'pending', retry_at = NULL, is_held = false
  WHERE status = 'failed' AND handler = $3 AND event_id = (
    SELECT id FROM {schema}.webhook_event WHERE source = $1 AND event_id = $2
  )
  RETURNING job_id`;
