/* Statements that look at all events. `{schema}` is the engine's schema. */

/** $1 source, $2 id of each event. A row for each delivery, and one for an event without any. */
export const FIND_EVENTS = `
  SELECT event.source, event.event_id, event.type, event.endpoint, event.received_at,
         event.arrived_by, event.account, event.livemode, delivery.handler,
         delivery.endpoint AS delivery_endpoint, delivery.status, delivery.attempts, delivery.replay,
         delivery.reason, delivery.error, delivery.retry_at, delivery.reply, delivery.is_blocking
  FROM {schema}.webhook_event AS event
  JOIN unnest($1::text[], $2::text[]) AS wanted (source, event_id) USING (source, event_id)
  LEFT JOIN {schema}.webhook_delivery AS delivery ON delivery.event_id = event.id
  ORDER BY event.id, delivery.position, delivery.handler`;

/** What an event is asked for by itself. */
const IS_WANTED = `
  ($2::text IS NULL OR source = $2) AND ($3::text IS NULL OR event_id = $3)
  AND ($4::text IS NULL OR type = $4) AND ($5::text IS NULL OR starts_with(type, $5))
  AND ($6::text IS NULL OR endpoint = $6) AND ($7::text IS NULL OR account = $7)
  AND ($8::boolean IS NULL OR livemode = $8)
  AND ($11::timestamptz IS NULL OR received_at >= $11)
  AND ($12::timestamptz IS NULL OR received_at < $12)`;

/*
 * An `OFFSET 0` below keeps a part of a statement as it is written. Where nobody has analyzed the tables, all of
 * them is read otherwise.
 */

/** The events of a page with their deliveries. */
const WITH_DELIVERIES = `
  SELECT page.id AS row_id, page.source, page.event_id, page.type, page.endpoint, page.received_at,
         page.arrived_by, page.account, page.livemode, delivery.handler,
         delivery.endpoint AS delivery_endpoint, delivery.status, delivery.attempts, delivery.replay,
         delivery.reason, delivery.error, delivery.retry_at, delivery.reply, delivery.is_blocking
  FROM page LEFT JOIN LATERAL (
    SELECT * FROM {schema}.webhook_delivery WHERE event_id = page.id OFFSET 0
  ) AS delivery ON true
  ORDER BY page.id DESC, delivery.position, delivery.handler`;

/**
 * The last stored first. Each parameter may be NULL, which narrows nothing: $1 row id that the page stands
 * before, $2 source, $3 id, $4 type, $5 prefix of the type, $6 endpoint, $7 account, $8 mode, $9 handler,
 * $10 status of the handler's delivery, or of any, $11 received since, $12 received until; $13 how many.
 */
export const LIST_EVENTS = `
  WITH page AS (
    SELECT * FROM {schema}.webhook_event AS event
    WHERE ($1::bigint IS NULL OR id < $1) AND ${IS_WANTED}
      AND ($9::text IS NULL AND $10::text IS NULL OR EXISTS (
        SELECT 1 FROM {schema}.webhook_delivery AS delivery
        WHERE delivery.event_id = event.id AND ($9::text IS NULL OR handler = $9)
          AND ($10::text IS NULL OR status = $10) OFFSET 0
      ))
    ORDER BY id DESC LIMIT $13
  )
  ${WITH_DELIVERIES}`;

/** As LIST_EVENTS, of a status that few deliveries have: from the index of those. */
const listByIndex = (isOfFew: string): string => `
  WITH page AS (
    SELECT event.*
    FROM (
      SELECT DISTINCT event_id FROM {schema}.webhook_delivery
      WHERE ${isOfFew} AND status = $10 AND ($9::text IS NULL OR handler = $9)
        AND ($1::bigint IS NULL OR event_id < $1)
      ORDER BY event_id DESC OFFSET 0
    ) AS found
    CROSS JOIN LATERAL (
      SELECT * FROM {schema}.webhook_event WHERE id = found.event_id AND ${IS_WANTED} OFFSET 0
    ) AS event
    ORDER BY found.event_id DESC LIMIT $13
  )
  ${WITH_DELIVERIES}`;

/** Of `pending`, `running` or `failed`. */
export const LIST_OPEN = listByIndex('is_open');
/** Of `dead`. */
export const LIST_DEAD = listByIndex('is_dead');

/** $1 source, $2 id. The event as it came first, if its body is kept. */
export const LOAD_EVENT = `
  SELECT * FROM {schema}.webhook_event WHERE source = $1 AND event_id = $2 AND raw_body IS NOT NULL`;

/** No statement of the statistics may read all rows, whatever the planner believes. In the transaction. */
export const USE_INDEXES = 'SET LOCAL enable_seqscan = off';

/** How many deliveries there are of each status that is not settled for good. */
export const COUNT_OPEN = `
  SELECT status, count(*)::int AS count FROM {schema}.webhook_delivery WHERE is_open GROUP BY status
  UNION ALL
  SELECT 'dead', count(*)::int FROM {schema}.webhook_delivery WHERE is_dead`;

/** $1 how many pages are read at most. How many deliveries there are of the other statuses, by these pages. */
export const ESTIMATE_FINISHED = `
  WITH sample AS (
    SELECT least(1, $1::real * current_setting('block_size')::real
      / greatest(pg_relation_size('{schema}.webhook_delivery'), 1)) AS part
  )
  SELECT status, round(count(*) / (SELECT part FROM sample))::int AS count
  FROM {schema}.webhook_delivery TABLESAMPLE SYSTEM ((SELECT 100 * part FROM sample))
  WHERE status IN ('succeeded', 'skipped') GROUP BY status`;

/**
 * When the oldest unfinished event was received, how many events were stored and how many deliveries settled
 * in the last minute, and how many lanes wait for a dead delivery. Row ids rise with time: it goes back from
 * the last one.
 */
export const SUMMARIZE = `
  SELECT
    (SELECT min(received_at) FROM {schema}.webhook_event WHERE id IN (
      SELECT event_id FROM {schema}.webhook_delivery WHERE is_open
    )) AS oldest,
    (SELECT count(*)::int FROM {schema}.webhook_event
     WHERE stored_at > now() - interval '1 minute' AND id > coalesce((
       SELECT id FROM {schema}.webhook_event WHERE stored_at <= now() - interval '1 minute'
       ORDER BY id DESC LIMIT 1
     ), 0)) AS received,
    (SELECT count(*)::int FROM {schema}.webhook_delivery
     WHERE finished_at > now() - interval '1 minute') AS settled,
    (SELECT count(*)::int FROM {schema}.webhook_delivery WHERE is_blocking) AS blocked`;
