import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { arrival, FAILED, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { fifoArrival } from '../../src/testing/engine-contract/fifo-arrival.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { hasWaiter } from './has-waiter.js';
import { testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';

const IN_AN_HOUR = new Date(Date.now() + 3_600_000);

/** Resolves when somebody waits for a lane in order. */
async function hasLaneWaiter(): Promise<void> {
  const find = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
  while ((await testPool().query(find)).rows.length === 0) await setImmediate();
}

describe('a place in a lane in order', () => {
  it('is kept by who was given it first, also when it is seen later', async () => {
    const { engines, schema } = await startTwoEngines();
    const worker = new ManualWorker();
    const [repeated, first, second] = [webhookEvent(), webhookEvent(), webhookEvent()];
    await engines[0].consume(worker.run, { concurrency: 4 });
    await engines[0].accept([arrival(repeated, 'a')]);
    (await worker.next()).finish({ ...FAILED, retryAt: IN_AN_HOUR });
    await engines[0].attempted(repeated);

    // The first has its row id, and waits in the middle of being stored.
    const locking = await testPool().connect();
    await locking.query(`BEGIN; SELECT 1 FROM ${schema}.webhook_delivery FOR UPDATE`);
    const storing = await testPool().connect();
    await storing.query('BEGIN');
    const arrivals = [fifoArrival(first, 'one'), arrival(repeated, 'a')];
    const storingFirst = engines[0].accept(arrivals, storing);
    await hasWaiter(schema);
    const storingSecond = engines[1].accept([fifoArrival(second, 'one')]);
    await Promise.race([storingSecond, hasLaneWaiter()]);
    await locking.query('ROLLBACK');
    await storingFirst;
    await storing.query('COMMIT');
    locking.release();
    storing.release();
    await storingSecond;

    worker.answer(() => SUCCEEDED);
    await Promise.all([first, second].map((event) => engines[0].attempted(event)));
    const ran = worker.runs.map(({ event }) => event.id).filter((id) => id !== repeated.id);
    expect(ran).toEqual([first.id, second.id]);
  }, 30_000);

  it('is that of the arrival, whatever the ids of what is stored together', async () => {
    const { engines, schema } = await startTwoEngines();
    const worker = new ManualWorker();
    const ids = ['evt_c', 'evt_a', 'evt_d', 'evt_b'];
    const arrivals = ids.map((id) => fifoArrival(webhookEvent({ id }), 'one'));
    worker.answer(() => SUCCEEDED);
    const client = await testPool().connect();
    await client.query('BEGIN');

    await engines[0].accept(arrivals, client);
    await client.query('COMMIT');
    client.release();

    await engines[1].consume(worker.run, { concurrency: 4 });
    await Promise.all(arrivals.map(({ event }) => engines[1].attempted(event)));
    const { rows } = await testPool().query(
      `SELECT event_id FROM ${schema}.webhook_event ORDER BY id`,
    );
    expect(rows.map(({ event_id }) => event_id)).toEqual(ids);
    expect(worker.runs.map(({ event }) => event.id)).toEqual(ids);
  });
});
