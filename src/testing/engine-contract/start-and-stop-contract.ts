import { setImmediate } from 'node:timers/promises';
import { InboxUnavailableError } from '../../errors/inbox-unavailable.error.js';
import { manualClock } from '../manual-clock.js';
import {
  arrival,
  FAILED,
  START,
  startEngine,
  statuses,
  SUCCEEDED,
  webhookEvent,
} from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

export function startAndStopContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('started and stopped', () => {
    it('says what its events survive', async () => {
      const { engine } = await startEngine(options);

      expect(['nothing', 'crash', 'power-cut']).toContain(engine.capabilities.survives);
    });

    it('is changed by no second start', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a', 'b')]);
      const run = await worker.next();

      await engine.start({ clock: manualClock(0) });

      run.finish(SUCCEEDED);
      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(event);
      expect(await statuses(engine, event)).toEqual({ a: 'succeeded', b: 'succeeded' });
      expect(worker.runs).toHaveLength(2);
    });

    it('keeps the clock of its first start', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      worker.answer(() => ({ ...FAILED, retryAt: new Date(START + 60_000), isHeld: true }));
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);

      await engine.start({ clock: manualClock(START + 60_000) });
      await engine.accept([arrival(event, 'a')]);

      await engine.attempted(event);
      expect(worker.runs).toHaveLength(1);
    });

    it('has stopped only when nothing runs any more', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const order: string[] = [];
      await consume();
      await engine.accept([arrival(webhookEvent(), 'a'), arrival(webhookEvent(), 'a')]);
      const runs = [await worker.next(), await worker.next()];

      const stopped = engine.stop().then(() => order.push('stopped'));
      for (const run of runs) {
        await setImmediate();
        order.push('finished');
        run.finish(SUCCEEDED);
      }
      await stopped;

      expect(order).toEqual(['finished', 'finished', 'stopped']);
    });

    it('keeps what the last runs came to when it stops', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      const run = await worker.next();

      const stopped = engine.stop();
      run.finish(SUCCEEDED);
      await stopped;

      await engine.start({ clock });
      expect(await statuses(engine, event)).toEqual({ a: 'succeeded' });
    });

    it('hands out nothing further once it is told to stop', async () => {
      const { engine, clock, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume(1);
      await engine.accept([arrival(event, 'a', 'b')]);
      const run = await worker.next();

      const stopped = engine.stop();
      run.finish(SUCCEEDED);
      await stopped;

      await setImmediate();
      expect(worker.runs).toHaveLength(1);
      await engine.start({ clock });
      const left = run.handler === 'a' ? 'b' : 'a';
      expect(await statuses(engine, event)).toEqual({
        [run.handler]: 'succeeded',
        [left]: 'pending',
      });
    });

    it('gives the same promise to everyone who stops it', async () => {
      const { engine } = await startEngine(options);

      const first = engine.stop();
      const second = engine.stop();

      expect(second).toBe(first);
      await expect(second).resolves.toBeUndefined();
    });

    it('waits for no run once it is abandoned', async () => {
      const { engine, worker, consume } = await startEngine(options);
      await consume();
      await engine.accept([arrival(webhookEvent(), 'a')]);
      await worker.next();
      const stopped = engine.stop();

      const abandoned = engine.abandon();

      expect(abandoned).toBe(stopped);
      await expect(abandoned).resolves.toBeUndefined();
    });

    it('hands out nothing and takes no event once it is abandoned', async () => {
      const { engine, worker, consume } = await startEngine(options);
      await consume(1);
      await engine.accept([arrival(webhookEvent(), 'a', 'b')]);
      const run = await worker.next();

      const abandoned = engine.abandon();
      const accepted = engine.accept([arrival(webhookEvent(), 'a')]);

      await expect(accepted).rejects.toThrow(InboxUnavailableError);
      await abandoned;
      run.finish(SUCCEEDED);
      await setImmediate();
      expect(engine.abandon()).toBe(abandoned);
      expect(engine.stop()).toBe(abandoned);
      expect(worker.runs).toHaveLength(1);
    });

    it('is abandoned when it was never given a worker', async () => {
      const { engine } = await startEngine(options);
      await engine.accept([arrival(webhookEvent(), 'a')]);

      await expect(engine.abandon()).resolves.toBeUndefined();
    });

    it('stops when it was never given a worker', async () => {
      const { engine } = await startEngine(options);
      await engine.accept([arrival(webhookEvent(), 'a')]);

      await expect(engine.stop()).resolves.toBeUndefined();
    });

    it('takes no event after it has stopped', async () => {
      const { engine, clock } = await startEngine(options);
      const event = webhookEvent();
      await engine.stop();

      const accepted = engine.accept([arrival(event, 'a')]);

      await expect(accepted).rejects.toThrow(InboxUnavailableError);
      await engine.start({ clock });
      expect(await engine.find(event)).toBeUndefined();
    });

    it('takes no event while it stops', async () => {
      const { engine, worker, consume } = await startEngine(options);
      await consume();
      await engine.accept([arrival(webhookEvent(), 'a')]);
      const run = await worker.next();

      const stopped = engine.stop();
      const accepted = engine.accept([arrival(webhookEvent(), 'a')]);

      await expect(accepted).rejects.toThrow(InboxUnavailableError);
      run.finish(SUCCEEDED);
      await stopped;
      expect(worker.runs).toHaveLength(1);
    });
  });
}
