import { setTimeout as delay } from 'node:timers/promises';

const HANDLERS = 2;

/** What the handlers did, and when each delivery's success was committed: written by the test, not the inbox. */
export async function prepareRecords(pool, schema) {
  await pool.query(`
    CREATE TABLE ${schema}.run (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text, handler text, attempt int,
      pid int, begun_at timestamptz DEFAULT clock_timestamp(), ended_at timestamptz
    );
    CREATE INDEX ON ${schema}.run (event_id, handler);
    CREATE TABLE ${schema}.success (job_id uuid, at timestamptz DEFAULT clock_timestamp());
    CREATE INDEX ON ${schema}.success (job_id);
    CREATE FUNCTION ${schema}.record_success() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO ${schema}.success (job_id) VALUES (NEW.job_id); RETURN NULL; END
    $$;
    CREATE TRIGGER record_success AFTER UPDATE ON ${schema}.webhook_delivery FOR EACH ROW
      WHEN (NEW.status = 'succeeded') EXECUTE FUNCTION ${schema}.record_success();`);
}

/** Resolves when nothing is unfinished, or after that time. */
export async function waitUntilFinished(pool, schema, limitMs) {
  const startedAt = performance.now();
  while (performance.now() - startedAt < limitMs) {
    const { rows } = await pool.query(
      `SELECT 1 FROM ${schema}.webhook_delivery WHERE status <> 'succeeded' LIMIT 1`,
    );
    if (rows.length === 0) break;
    await delay(250);
  }
  return Math.round(performance.now() - startedAt);
}

/** What was answered 200, compared with what ran. */
export async function judge(pool, schema, answered) {
  const first = async (text, values) => (await pool.query(text, values)).rows[0];
  const answeredIds = [...answered];
  const { count: notStored } = await first(
    `SELECT count(*)::int FROM unnest($1::text[]) AS answered (answered_id)
     WHERE NOT EXISTS (SELECT 1 FROM ${schema}.webhook_event WHERE event_id = answered_id)`,
    [answeredIds],
  );
  const { count: notRun } = await first(
    `SELECT count(*)::int FROM unnest($1::text[]) AS answered (answered_id)
     WHERE (SELECT count(DISTINCT handler) FROM ${schema}.run
            WHERE event_id = answered_id AND ended_at IS NOT NULL) <> ${HANDLERS}`,
    [answeredIds],
  );
  const { count: unfinished } = await first(
    `SELECT count(*)::int FROM ${schema}.webhook_delivery WHERE status <> 'succeeded'`,
  );
  const { count: ranAfterSuccess } = await first(
    `SELECT count(*)::int FROM ${schema}.run JOIN ${schema}.webhook_event USING (event_id)
     JOIN ${schema}.webhook_delivery AS delivery
       ON delivery.event_id = webhook_event.id AND delivery.handler = run.handler
     JOIN ${schema}.success USING (job_id) WHERE begun_at > success.at`,
  );
  const { count: succeededTwice } = await first(
    `SELECT count(*) - count(DISTINCT job_id) AS count FROM ${schema}.success`,
  );
  const { count: ranTwiceAtOnce } = await first(
    `SELECT count(*)::int FROM ${schema}.run JOIN ${schema}.run AS other USING (event_id, handler)
     WHERE run.id < other.id AND other.begun_at < run.ended_at`,
  );
  const { count: sameAttemptTwice } = await first(
    `SELECT count(*)::int FROM (
       SELECT 1 FROM ${schema}.run GROUP BY event_id, handler, attempt HAVING count(*) > 1
     ) AS repeated`,
  );
  const { runs, cut } = await first(
    `SELECT count(*)::int AS runs, (count(*) FILTER (WHERE ended_at IS NULL))::int AS cut
     FROM ${schema}.run`,
  );
  return {
    problems: {
      notStored,
      notRun,
      unfinished,
      ranAfterSuccess,
      succeededTwice: Number(succeededTwice),
      ranTwiceAtOnce,
      sameAttemptTwice,
    },
    answered: answered.size,
    runs,
    runsThatDidNotEnd: cut,
  };
}
