import { describe, expect, it } from '@jest/globals';
import type { Arrival } from '../../src/inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';

describe('a burst on two engines', () => {
  it('is run once for all that any of them stored before the run began', async () => {
    const { engines } = await startTwoEngines();
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    for (const engine of engines) await engine.consume(worker.run, { concurrency: 8 });
    const events = Array.from({ length: 20 }, () => webhookEvent());

    await Promise.all(
      events.map((event, index) =>
        engines[index % 2]!.accept([
          { event, deliveries: [{ handler: 'a', lane: 'one', coalesceMs: 1_000 }] },
        ]),
      ),
    );
    const stored = await Promise.all(events.map((event) => engines[0].attempted(event)));

    expect(stored.map((event) => event?.deliveries[0]?.status)).toEqual(
      events.map(() => 'succeeded'),
    );
    expect(worker.runs).toHaveLength(1);
  }, 20_000);

  it('leaves what its run did not stand for pending, also when the run is taken over', async () => {
    const { engines, schema } = await startTwoEngines();
    const worker = new ManualWorker();
    const [first, late] = [webhookEvent(), webhookEvent()];
    const inBurst = (event: WebhookEvent): Arrival => ({
      event,
      deliveries: [{ handler: 'a', lane: 'one', coalesceMs: 50 }],
    });
    await engines[0].consume(worker.run, { concurrency: 8 });
    await engines[0].accept([inBurst(first)]);
    const run = await worker.next();
    await engines[1].accept([inBurst(late)]);
    // What another process does when this one was silent for too long.
    await testPool().query(
      `UPDATE ${schema}.webhook_delivery SET claim = 7 WHERE status = 'running'`,
    );

    run.finish(SUCCEEDED);
    await engines[0].stop();

    const statuses = await Promise.all(
      [first, late].map(async (event) => (await engines[1].find(event))?.deliveries[0]?.status),
    );
    expect(statuses).toEqual(['running', 'pending']);
  }, 20_000);
});
