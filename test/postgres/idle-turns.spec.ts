import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import type { Arrival } from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { hasWaiter } from './has-waiter.js';
import { createTestSchema, testPool } from './test-schema.js';

const inLane = (): Arrival => ({
  event: webhookEvent(),
  deliveries: [{ handler: 'a', lane: 'lane' }],
});

describe('a delivery that is settled in the moment in which its job is taken', () => {
  it('does not keep the turn in its lane', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const [settled, next] = [inLane(), inLane()];
    await engine.accept([settled]);
    // As another process does, in which a run stood for it or came back from a long sleep.
    const other = await testPool().connect();
    await other.query(`
      BEGIN;
      DELETE FROM ${schema}.webhook_lane;
      UPDATE ${schema}.webhook_delivery SET status = 'succeeded', finished_at = now()`);
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    await engine.consume(worker.run, { concurrency: 1 });
    await hasWaiter(schema);
    await other.query('COMMIT');
    other.release();

    await engine.accept([next]);

    expect((await engine.attempted(next.event))?.deliveries).toMatchObject([
      { status: 'succeeded' },
    ]);
    expect(worker.runs.map(({ event }) => event.id)).toEqual([next.event.id]);
    await engine.stop();
  });
});
