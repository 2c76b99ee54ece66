import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemClock } from '../../src/inbox/clock.js';
import type { Arrival, DueDelivery, Outcome } from '../../src/inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { DEAD, FAILED, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { startProcess } from './processes/start-process.js';
import { hasWaiter } from './has-waiter.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';

const MANY = 120;
const LANES = 6;

function inLane(event: WebhookEvent, lane: string): Arrival {
  return { event, deliveries: [{ handler: 'a', lane }] };
}

/** Runs deliveries whose source is their lane, and remembers what ran at the same time. */
class LaneWorker {
  readonly attempts = new Map<string, number>();
  readonly overlaps: string[] = [];
  readonly #running = new Set<string>();

  readonly run = async ({ event, attempt }: DueDelivery): Promise<Outcome> => {
    if (this.#running.has(event.source)) this.overlaps.push(event.source);
    this.#running.add(event.source);
    await setImmediate();
    this.#running.delete(event.source);
    this.attempts.set(event.id, attempt);
    const isToFail = Number(event.id.replace('evt_', '')) % 5 === 0;
    if (isToFail && attempt === 1) return { ...FAILED, retryAt: new Date() };
    return SUCCEEDED;
  };
}

describe('a lane on two engines', () => {
  it('never runs two at once, with failures and retries, and all of them in the end', async () => {
    const { engines } = await startTwoEngines();
    const worker = new LaneWorker();
    for (const engine of engines) await engine.consume(worker.run, { concurrency: 8 });
    const events = Array.from({ length: MANY }, (_each, index) =>
      webhookEvent({ source: `source_${index % LANES}` }),
    );

    await Promise.all(
      events.map((event, index) => engines[index % 2]!.accept([inLane(event, 'one')])),
    );
    await waitForAll(engines[0], events);

    expect(worker.overlaps).toEqual([]);
    expect(worker.attempts.size).toBe(MANY);
    expect([...worker.attempts.values()].filter((attempt) => attempt === 2)).toHaveLength(MANY / 5);
  }, 60_000);

  it('hands the turn on to what another process stored', async () => {
    const { engines } = await startTwoEngines();
    const worker = new ManualWorker();
    const [first, second] = [webhookEvent(), webhookEvent()];
    await engines[0].consume(worker.run, { concurrency: 4 });
    await engines[0].accept([inLane(first, 'one')]);
    const run = await worker.next();

    await engines[1].accept([inLane(second, 'one')]);
    run.finish(DEAD);

    const next = await worker.next();
    expect(next.event.id).toBe(second.id);
    next.finish(SUCCEEDED);
  });

  it('has one job, however much waits in it, and none when it is empty', async () => {
    const { engines, schema } = await startTwoEngines();
    const events = Array.from({ length: MANY }, () => webhookEvent());
    const countRows = async (table: string): Promise<unknown> =>
      (await testPool().query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;

    await Promise.all(
      events.map((event, index) => engines[0].accept([inLane(event, `lane_${index % LANES}`)])),
    );
    const jobsOfBacklog = await countRows(`${schema}_jobs.job_common`);
    await engines[1].consume(async () => SUCCEEDED, { concurrency: 16 });
    await Promise.all(events.map((event) => engines[1].attempted(event)));

    expect(jobsOfBacklog).toBe(LANES);
    expect(await countRows(`${schema}_jobs.job_common`)).toBe(0);
    expect(await countRows(`${schema}.webhook_lane`)).toBe(0);
  }, 30_000);

  it('goes on when the process that has its turn is killed', async () => {
    const { pool, schema } = createTestSchema();
    const survivor = postgresEngine({ pool, schema });
    await survivor.start({ clock: systemClock });
    const killed = startProcess([schema, '1']);
    await killed.says('started');
    killed.tell('consume');
    const [first, second] = [webhookEvent(), webhookEvent()];
    await survivor.accept([inLane(first, 'one')]);
    await killed.says('running');
    await survivor.accept([inLane(second, 'one')]);

    await killed.kill();
    const runs: string[] = [];
    await survivor.consume(
      async ({ event, attempt }) => {
        runs.push(`${event.id} attempt ${attempt}`);
        return SUCCEEDED;
      },
      { concurrency: 16 },
    );
    await Promise.all([first, second].map((event) => survivor.attempted(event)));

    expect(runs).toEqual([`${first.id} attempt 2`, `${second.id} attempt 1`]);
    await survivor.stop();
  }, 30_000);
});

describe('a turn that is given up while another begins to wait for it', () => {
  it('is given to that', async () => {
    const { engines, schema } = await startTwoEngines();
    const worker = new ManualWorker();
    const [first, second] = [webhookEvent(), webhookEvent()];
    await engines[0].consume(worker.run, { concurrency: 1 });
    await engines[0].accept([inLane(first, 'one')]);
    const run = await worker.next();
    await engines[1].accept([inLane(second, 'one')]);
    // As if the second were being stored now.
    await testPool().query(`UPDATE ${schema}.webhook_delivery SET is_waiting = false`);
    const storing = await testPool().connect();
    await storing.query(`BEGIN; SELECT 1 FROM ${schema}.webhook_lane FOR UPDATE`);
    await storing.query(
      `UPDATE ${schema}.webhook_delivery SET is_waiting = true WHERE status = 'pending'`,
    );

    run.finish(SUCCEEDED);
    await hasWaiter(schema);
    await storing.query('COMMIT');
    storing.release();

    const next = await worker.next();
    expect(next.event.id).toBe(second.id);
    next.finish(SUCCEEDED);
  });
});

/** What has failed is attempted, and is run again: it is waited for until it has succeeded. */
async function waitForAll(
  engine: ReturnType<typeof postgresEngine>,
  events: readonly WebhookEvent[],
): Promise<void> {
  for (const event of events) {
    for (;;) {
      const stored = await engine.attempted(event);
      if (stored?.deliveries[0]?.status === 'succeeded') break;
      await setImmediate();
    }
  }
}

describe('a run and a repeated event that wait for each other', () => {
  it('are both done, without a lease having to end', async () => {
    // Whoever looks for a deadlock first is ended, and looks once: not the client, and not before there is one.
    const looksLate = { connectionString: POSTGRES_URL, options: '-c deadlock_timeout=3s' };
    const pool = new pg.Pool(looksLate);
    const { engines, schema } = await startTwoEngines({ pool });
    const worker = new ManualWorker();
    const event = webhookEvent();
    await engines[0].accept([inLane(event, 'one')]);
    await testPool().query(`DELETE FROM ${schema}.webhook_lane`);
    const { rows } = await testPool().query(`SELECT lane FROM ${schema}.webhook_delivery`);
    const client = await testPool().connect();
    await client.query(`BEGIN; SET LOCAL deadlock_timeout = '1min'`);
    await client.query(`SELECT 1 FROM ${schema}.webhook_delivery FOR UPDATE`);

    const startedAt = performance.now();
    await engines[0].consume(worker.run, { concurrency: 1 });
    await hasWaiter(schema);
    const values = [rows[0].lane, rows[0].lane];
    await client.query(`INSERT INTO ${schema}.webhook_lane VALUES ($1, $2)`, values);
    await client.query('ROLLBACK');
    client.release();

    (await worker.next()).finish(SUCCEEDED);
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await Promise.all(engines.map((engine) => engine.stop()));
    await pool.end();
  }, 30_000);
});
