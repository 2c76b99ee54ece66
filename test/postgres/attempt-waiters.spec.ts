import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import type { DueDelivery, WebhookEngine } from '../../src/inbox/webhook-engine.interface.js';
import type { EventKey } from '../../src/inbox/webhook-event.interface.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { deferred } from '../support/deferred.js';
import { startTwoEngines } from './two-engines.js';

/** Waits without looking again from time to time, as it does for what other processes run. */
function attemptedAsTold(engine: WebhookEngine, key: EventKey): Promise<unknown> {
  const startTimer = jest.spyOn(globalThis, 'setInterval');
  startTimer.mockReturnValueOnce(setTimeout(() => undefined, 0));
  const attempted = engine.attempted(key);
  startTimer.mockRestore();
  return attempted;
}

describe('who waits for an event', () => {
  const ways: Record<string, (delivery: DueDelivery) => Promise<unknown>> = {
    'a run': async () => undefined,
    'a run in its own transaction': ({ transact }) => transact!(async () => undefined),
  };
  it.each(Object.entries(ways))('is told when %s that stood for it is settled', async (_, end) => {
    const {
      engines: [engine],
    } = await startTwoEngines();
    const begun = deferred<DueDelivery>();
    const ending = deferred<void>();
    const events = [webhookEvent(), webhookEvent()];
    await engine.consume(
      async (delivery) => {
        begun.resolve(delivery);
        await ending.promise;
        await end(delivery);
        return SUCCEEDED;
      },
      { concurrency: 4 },
    );
    await engine.accept(
      events.map((event) => ({
        event,
        deliveries: [{ handler: 'a', lane: 'one', coalesceMs: 1 }],
      })),
    );
    const leader = await begun.promise;
    const follower = events.find(({ id }) => id !== leader.event.id)!;

    const attempted = attemptedAsTold(engine, follower);
    ending.resolve();

    expect(await attempted).toMatchObject({
      id: follower.id,
      deliveries: [{ status: 'succeeded' }],
    });
  });

  it('is told how it stands when the engine stops, at whatever moment he asks', async () => {
    const {
      engines: [engine],
    } = await startTwoEngines();
    const event = webhookEvent();
    await engine.accept([arrival(event, 'a')]);
    const answers: Promise<unknown>[] = [];

    let isStopped = false;
    const stopped = engine.stop().finally(() => (isStopped = true));
    while (!isStopped) {
      answers.push(engine.attempted(event).catch(() => 'refused'));
      await setImmediate();
    }
    await stopped;

    const told = await Promise.all(answers);
    expect(told[0]).toMatchObject({ id: event.id, deliveries: [{ status: 'pending' }] });
    expect(told.length).toBeGreaterThan(1);
  });
});
