/* Statements about changes that come in several formats. `{schema}` is the engine's schema. */

/**
 * $1 job ids. Each claims its change where no other format has it. Changes stand in order.
 *
 * @returns The job ids of those whose change another format has, and by which event it came.
 */
export const CLAIM_CHANGES = `
  WITH wanted AS (
    SELECT job_id, change, change_format, delivery.event_id, event.event_id AS sender_id
    FROM {schema}.webhook_delivery AS delivery
    JOIN {schema}.webhook_event AS event ON event.id = delivery.event_id
    WHERE job_id = ANY($1::uuid[]) AND change IS NOT NULL
  ),
  claimed AS (
    INSERT INTO {schema}.webhook_change AS known (change, format, event_id, sender_id)
    SELECT DISTINCT ON (change) change, change_format, event_id, sender_id
    FROM wanted ORDER BY change, event_id
    -- Changes nothing; it waits for a claim that is being given up, and gives who has it then.
    ON CONFLICT (change) DO UPDATE SET format = known.format
    RETURNING change, format, sender_id
  )
  SELECT wanted.job_id, claimed.sender_id
  FROM wanted JOIN claimed USING (change) WHERE claimed.format <> wanted.change_format`;

/** $1 job id, $2 reason. */
export const TURN_AWAY = `
  UPDATE {schema}.webhook_delivery AS delivery SET status = 'skipped', reason = turned_away.reason
  FROM unnest($1::uuid[], $2::text[]) AS turned_away (job_id, reason)
  WHERE delivery.job_id = turned_away.job_id`;

/** $1 changes of deliveries that are dead. */
export const LOCK_CHANGES = `
  SELECT change FROM {schema}.webhook_change
  WHERE change = ANY($1::uuid[]) ORDER BY change FOR UPDATE`;

/**
 * $1 changes, which are locked. Where nothing of the format that has one is left to do it, those that were
 * turned away with it have it, in the format that was stored first; a change that nobody wants is free.
 *
 * @returns The job ids of those that have it now, and which change.
 */
export const PASS_CHANGES = `
  WITH given_up AS (
    SELECT change, format FROM {schema}.webhook_change AS known
    WHERE change = ANY($1::uuid[]) AND NOT EXISTS (
      SELECT 1 FROM {schema}.webhook_delivery AS delivery
      WHERE delivery.change = known.change AND change_format = known.format AND status <> 'dead'
        AND NOT (status = 'skipped' AND attempts = 0)
    )
  ),
  next AS (
    SELECT DISTINCT ON (delivery.change) delivery.change, change_format, delivery.event_id,
           event.event_id AS sender_id
    FROM given_up JOIN {schema}.webhook_delivery AS delivery USING (change)
    JOIN {schema}.webhook_event AS event ON event.id = delivery.event_id
    WHERE change_format <> format AND status = 'skipped' AND attempts = 0 AND raw_body IS NOT NULL
    ORDER BY delivery.change, delivery.event_id
  ),
  inherited AS (
    UPDATE {schema}.webhook_delivery AS delivery SET status = 'pending', reason = NULL
    FROM next
    WHERE delivery.change = next.change AND delivery.change_format = next.change_format
      AND status = 'skipped' AND attempts = 0
    RETURNING delivery.job_id, delivery.change
  ),
  passed AS (
    UPDATE {schema}.webhook_change AS known
    SET format = next.change_format, event_id = next.event_id, sender_id = next.sender_id
    FROM next WHERE known.change = next.change
  ),
  freed AS (
    DELETE FROM {schema}.webhook_change
    WHERE change IN (SELECT change FROM given_up) AND change NOT IN (SELECT change FROM next)
  )
  SELECT job_id, change FROM inherited`;
