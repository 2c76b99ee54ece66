import {
  DEAD,
  skippedArrival,
  startEngine,
  statuses,
  SUCCEEDED,
  webhookEvent,
} from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';
import { announced } from './announced.js';

export function changeReplayContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('a replay of one change in several formats', () => {
    it('skips a dead format in a replay, where the other has the change meanwhile', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      const first = await worker.next();
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      first.finish(DEAD);
      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(notification);

      const result = await engine.replay([{ event: snapshot, deliveries: [{ handler: 'a' }] }]);

      expect(result).toEqual({ due: 0, skipped: 1 });
      expect((await engine.attempted(snapshot))?.deliveries).toMatchObject([
        { status: 'skipped', attempts: 0, reason: expect.stringContaining(notification.id) },
      ]);
      expect(worker.runs).toHaveLength(2);
    });

    it('runs one of two dead formats in a replay of both', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const both = [webhookEvent(), webhookEvent()] as const;
      const [snapshot, notification] = both;
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      (await worker.next()).finish(DEAD);
      await engine.attempted(snapshot);
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      (await worker.next()).finish(DEAD);
      await engine.attempted(notification);

      const result = await engine.replay(
        both.map((event) => ({ event, deliveries: [{ handler: 'a' }] })),
      );

      expect(result).toEqual({ due: 1, skipped: 1 });
      worker.answer(() => SUCCEEDED);
      await Promise.all(both.map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(3);
    });

    it('skips the second format of a change whose dead delivery is replayed', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      (await worker.next()).finish(DEAD);
      await engine.attempted(snapshot);
      await engine.replay([{ event: snapshot, deliveries: [{ handler: 'a' }] }]);
      await worker.next();

      await engine.accept([announced(notification, snapshot.id, 'notification')]);

      expect(await statuses(engine, notification)).toEqual({ a: 'skipped' });
      expect(worker.runs).toHaveLength(2);
    });

    it('runs one of two formats that a filter had turned away, in a replay of both', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const both = [webhookEvent(), webhookEvent()] as const;
      const arrivals = both.map((event, index) =>
        announced(event, both[0].id, ['snapshot', 'notification'][index]!),
      );
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept(arrivals.map(({ event }) => skippedArrival(event, 'a', 'test mode')));

      const result = await engine.replay(arrivals);

      expect(result).toEqual({ due: 1, skipped: 1 });
      await Promise.all(both.map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(1);
    });
  });
}
