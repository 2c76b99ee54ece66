import { describe, expect, it } from '@jest/globals';
import { memoryEngine } from '../../src/inbox/memory/memory-engine.js';
import { watchedClock } from '../support/watched-clock.js';
import { arrival, startEngine, SUCCEEDED, webhookEvent } from './engine-bench.js';

const inBurst = (lane: string) => ({ handler: 'a', lane, coalesceMs: 1_000 });

describe('The memory engine, when it stops during a burst,', () => {
  it('runs what waited for the burst or for its lane when it starts again', async () => {
    const { engine, clock, worker, consume } = await startEngine({
      name: 'The memory engine',
      createEngine: () => memoryEngine(),
    });
    const [running, queued, waiting] = [webhookEvent(), webhookEvent(), webhookEvent()];
    await consume(1);
    await engine.accept([arrival(running, 'a')]);
    const run = await worker.next();
    await engine.accept([{ event: queued, deliveries: [inBurst('sub_1')] }]);
    await clock.advance(1_000);
    await engine.accept([{ event: waiting, deliveries: [inBurst('sub_2')] }]);
    const stopped = engine.stop();
    run.finish(SUCCEEDED);
    await stopped;

    await engine.start({ clock });
    await consume();

    const ran = [await worker.next(), await worker.next()];
    expect(ran.map(({ event }) => event.id)).toEqual([queued.id, waiting.id]);
  });

  it('leaves no timer, and sets none afterwards', async () => {
    const clock = watchedClock();
    const engine = memoryEngine({ keepBodies: true });
    await engine.start({ clock });
    await engine.consume(async () => SUCCEEDED, { concurrency: 1 });
    const [finished, waiting] = [webhookEvent(), webhookEvent()];
    await engine.accept([{ event: finished, deliveries: [inBurst('sub_1')] }]);
    await clock.advance(1_000);
    await engine.attempted(finished);
    await engine.accept([{ event: waiting, deliveries: [inBurst('sub_2')] }]);

    await engine.stop();
    await engine.replay([{ event: finished, deliveries: [{ handler: 'a' }] }]);

    expect(clock.pendingDelaysMs()).toEqual([]);
  });
});
