import { setImmediate } from 'node:timers/promises';
import { DEAD, START, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineBench, EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';
import type { WantedDelivery } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
import { fifoArrival } from './fifo-arrival.js';

interface BlockedBench extends EngineBench {
  readonly dead: WebhookEvent;
  readonly behind: WebhookEvent;
}

export function fifoBlockingContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  /** An engine with one event that is dead, and one behind it in its lane. */
  async function startBlocked(more: Partial<WantedDelivery> = {}): Promise<BlockedBench> {
    const bench = await startEngine(options);
    const [dead, behind] = [webhookEvent(), webhookEvent()];
    await bench.consume();
    await bench.engine.accept([fifoArrival(dead, 'one', more)]);
    await bench.engine.accept([fifoArrival(behind, 'one', more)]);
    (await bench.worker.next()).finish(DEAD);
    await bench.engine.attempted(dead);
    return { ...bench, dead, behind };
  }

  describe('a dead delivery in a lane in order', () => {
    for (const more of [{}, { onDead: 'block' }] as const) {
      it(`holds back all of its lane and nothing else, and is seen: ${JSON.stringify(more)}`, async () => {
        const { engine, worker, dead, behind } = await startBlocked(more);
        const other = webhookEvent();

        await engine.accept([fifoArrival(other, 'another')]);
        (await worker.next()).finish(SUCCEEDED);
        await engine.attempted(other);

        expect(await statuses(engine, behind)).toEqual({ a: 'pending' });
        expect((await engine.find(dead))?.deliveries).toMatchObject([
          { status: 'dead', isBlocking: true },
        ]);
        expect((await engine.find(behind))?.deliveries[0]).not.toHaveProperty('isBlocking');
        expect(await engine.stats()).toMatchObject({ blockedLanes: 1, deliveries: { dead: 1 } });
      });
    }

    it('lets its lane go on when a replay of it has succeeded, and not before', async () => {
      const { engine, worker, dead, behind } = await startBlocked();

      await engine.replay([{ event: dead, deliveries: [{ handler: 'a' }] }]);

      const again = await worker.next();
      await setImmediate();
      expect(again.event.id).toBe(dead.id);
      expect(worker.runs).toHaveLength(2);
      again.finish(SUCCEEDED);
      expect((await worker.next()).event.id).toBe(behind.id);
      expect((await engine.stats()).blockedLanes).toBe(0);
    });

    it('blocks its lane again when its replay dies too', async () => {
      const { engine, worker, dead, behind } = await startBlocked();
      await engine.replay([{ event: dead, deliveries: [{ handler: 'a' }] }]);

      (await worker.next()).finish(DEAD);
      await engine.attempted(dead);

      expect(await statuses(engine, behind)).toEqual({ a: 'pending' });
      expect((await engine.stats()).blockedLanes).toBe(1);
    });

    it('lets its lane go on when it is unblocked, once for any number of calls at once', async () => {
      const { engine, worker, dead, behind } = await startBlocked();

      const atOnce = await Promise.all(Array.from({ length: 10 }, () => engine.unblock(dead, 'a')));

      const next = await worker.next();
      expect(next.event.id).toBe(behind.id);
      expect(atOnce.filter(Boolean)).toHaveLength(1);
      expect((await engine.find(dead))?.deliveries[0]).toMatchObject({ status: 'dead' });
      expect((await engine.find(dead))?.deliveries[0]).not.toHaveProperty('isBlocking');
      expect((await engine.stats()).blockedLanes).toBe(0);
      next.finish(SUCCEEDED);
    });

    it('runs a replay of what was unblocked when its turn comes', async () => {
      const { engine, worker, dead, behind } = await startBlocked();
      await engine.unblock(dead, 'a');
      const running = await worker.next();

      await engine.replay([{ event: dead, deliveries: [{ handler: 'a' }] }]);
      await setImmediate();

      expect(worker.runs.map(({ event }) => event.id)).toEqual([dead.id, behind.id]);
      running.finish(SUCCEEDED);
      expect((await worker.next()).event.id).toBe(dead.id);
    });

    it('is nothing to unblock where no lane waits for it', async () => {
      const { engine, behind } = await startBlocked();

      const answers = [
        await engine.unblock(behind, 'a'),
        await engine.unblock(behind, 'unknown'),
        await engine.unblock(webhookEvent(), 'a'),
      ];

      expect(answers).toEqual([false, false, false]);
    });

    it('is passed where that is asked for', async () => {
      const { engine, worker, dead, behind } = await startBlocked({ onDead: 'pass' });

      expect((await worker.next()).event.id).toBe(behind.id);
      expect((await engine.find(dead))?.deliveries[0]).not.toHaveProperty('isBlocking');
      expect((await engine.stats()).blockedLanes).toBe(0);
    });

    it('is kept with its body for as long as its lane waits', async () => {
      const { engine, dead } = await startBlocked();
      const later = new Date(START + 1);

      const report = await engine.prune({ bodies: later, events: later });

      expect(report).toEqual({ bodies: 0, events: 0 });
      const replayed = await engine.replay([{ event: dead, deliveries: [{ handler: 'a' }] }]);
      expect(replayed).toEqual({ due: 1, skipped: 0 });
    });

    if (options.lacks?.includes('changes')) return;
    it('does not block where another format has its change by its death', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification, last] = [webhookEvent(), webhookEvent(), webhookEvent()];
      const change = { id: snapshot.id, format: 'snapshot' };
      await consume();
      await engine.accept([fifoArrival(snapshot, 'one', { change })]);
      await engine.accept([
        fifoArrival(notification, 'one', { change: { ...change, format: 'notification' } }),
      ]);
      await engine.accept([fifoArrival(last, 'one')]);

      (await worker.next()).finish(DEAD);

      const heir = await worker.next();
      expect(heir.event.id).toBe(notification.id);
      heir.finish(SUCCEEDED);
      expect((await worker.next()).event.id).toBe(last.id);
      expect((await engine.stats()).blockedLanes).toBe(0);
    });

    it('gives its lane up when a replay finds its change with another format', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      const change = { id: snapshot.id, format: 'snapshot' };
      await consume();
      await engine.accept([fifoArrival(snapshot, 'one', { change })]);
      (await worker.next()).finish(DEAD);
      await engine.attempted(snapshot);
      await engine.accept([
        fifoArrival(notification, 'one', { change: { ...change, format: 'notification' } }),
      ]);

      const result = await engine.replay([{ event: snapshot, deliveries: [{ handler: 'a' }] }]);

      expect(result).toEqual({ due: 0, skipped: 1 });
      expect((await worker.next()).event.id).toBe(notification.id);
    });
  });
}
