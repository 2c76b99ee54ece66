import { setImmediate } from 'node:timers/promises';
import type { Arrival, DueDelivery } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
import { DEAD, FAILED, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 40;

export function laneContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('lanes', () => {
    it('never runs two deliveries of a lane at once, and all of them in the end', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: MANY }, () => webhookEvent());
      await consume();

      await Promise.all(events.map((event) => engine.accept([inLane(event, 'sub_1', 'a', 'b')])));
      for (let finished = 0; finished < 2 * MANY; finished++) {
        const run = await worker.next();
        await setImmediate();
        run.finish(finished % 3 === 0 ? FAILED : SUCCEEDED);
      }

      await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.mostAtOnce).toBe(1);
      expect(worker.runs).toHaveLength(2 * MANY);
    });

    it('runs different lanes, and deliveries without one, beside each other', async () => {
      const { engine, worker, consume } = await startEngine(options);
      await consume();

      await engine.accept([inLane(webhookEvent(), 'sub_1', 'a')]);
      await engine.accept([inLane(webhookEvent(), 'sub_1', 'a')]);
      await engine.accept([inLane(webhookEvent(), 'sub_2', 'a')]);
      await engine.accept([inLane(webhookEvent({ source: 'tenant' }), 'sub_1', 'a')]);
      await engine.accept([{ event: webhookEvent(), deliveries: [{ handler: 'a' }] }]);

      await Promise.all(Array.from({ length: 4 }, () => worker.next()));
      await setImmediate();
      expect(worker.runs).toHaveLength(4);
    });

    for (const outcome of [SUCCEEDED, FAILED, DEAD]) {
      it(`frees a lane when a delivery is ${outcome.status}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const [first, second] = [webhookEvent(), webhookEvent()];
        await consume();
        await engine.accept([inLane(first, 'sub_1', 'a')]);
        await engine.accept([inLane(second, 'sub_1', 'a')]);

        (await worker.next()).finish(outcome);

        expect((await worker.next()).event.id).toBe(second.id);
      });
    }

    it('lets a full lane hold back no other', async () => {
      const { engine, worker, consume } = await startEngine(options);
      await consume(2);
      await Promise.all(
        Array.from({ length: MANY }, () => engine.accept([inLane(webhookEvent(), 'sub_1', 'a')])),
      );
      await worker.next();

      const other = webhookEvent();
      await engine.accept([inLane(other, 'sub_2', 'a')]);

      expect((await worker.next()).event.id).toBe(other.id);
    });
  });

  describe('coalescing', () => {
    it('runs a burst once, when its time is over', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 10 }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      await consume();

      await Promise.all(events.map((event) => engine.accept([inBurst(event, 'sub_1')])));
      expect(worker.runs).toEqual([]);
      await clock.advance(1_000);

      const stored = await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(1);
      expect(stored.flatMap((event) => event!.deliveries)).toEqual(
        events.map(() => expect.objectContaining({ status: 'succeeded', attempts: 1 })),
      );
    });

    it('runs again for what is stored while the run is under way', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      const [first, late] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([inBurst(first, 'sub_1')]);
      await clock.advance(1_000);
      const run = await worker.next();

      await engine.accept([inBurst(late, 'sub_1')]);
      run.finish(SUCCEEDED);
      await engine.attempted(first);
      expect(await statuses(engine, late)).toEqual({ a: 'pending' });
      await clock.advance(1_000);

      expect((await worker.next()).event.id).toBe(late.id);
    });

    it('settles with a failed run nothing but its own delivery', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 3 }, () => webhookEvent());
      const failing = new Set<string>();
      worker.answer(({ event }: DueDelivery) => {
        if (failing.size > 0) return SUCCEEDED;
        failing.add(event.id);
        return FAILED;
      });
      await consume();

      await Promise.all(events.map((event) => engine.accept([inBurst(event, 'sub_1')])));
      await clock.advance(1_000);
      await Promise.all(events.map((event) => engine.attempted(event)));

      const all = await Promise.all(events.map((event) => statuses(engine, event)));
      expect(all.filter(({ a }) => a === 'failed')).toHaveLength(1);
      expect(all.filter(({ a }) => a === 'succeeded')).toHaveLength(2);
      expect(worker.runs).toHaveLength(2);
    });

    it('coalesces neither other lanes nor other handlers', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      worker.answer(() => SUCCEEDED);
      await consume();
      const events = [webhookEvent(), webhookEvent(), webhookEvent()];

      await engine.accept([inBurst(events[0]!, 'sub_1')]);
      await engine.accept([inBurst(events[1]!, 'sub_2')]);
      await engine.accept([inBurst(events[2]!, 'sub_1', 'b')]);
      await clock.advance(1_000);

      await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(3);
    });
  });
}

function inLane(event: WebhookEvent, lane: string, ...handlers: string[]): Arrival {
  return { event, deliveries: handlers.map((handler) => ({ handler, lane })) };
}

function inBurst(event: WebhookEvent, lane: string, handler = 'a'): Arrival {
  return { event, deliveries: [{ handler, lane, coalesceMs: 1_000 }] };
}
