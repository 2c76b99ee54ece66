import type { Arrival, Outcome } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
import { DEAD, FAILED, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 50;

export function changeContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('one change in several formats', () => {
    const finished: readonly Outcome[] = [
      SUCCEEDED,
      { status: 'skipped', reason: 'by the handler' },
    ];
    for (const outcome of finished) {
      it(`skips the second format of a change that is ${outcome.status}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const [snapshot, notification] = [webhookEvent(), webhookEvent()];
        await consume();
        await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
        (await worker.next()).finish(outcome);
        await engine.attempted(snapshot);

        await engine.accept([announced(notification, snapshot.id, 'notification')]);

        const stored = await engine.attempted(notification);
        expect(stored?.deliveries).toMatchObject([
          { status: 'skipped', attempts: 0, reason: expect.stringContaining(snapshot.id) },
        ]);
        expect(worker.runs).toHaveLength(1);
      });
    }

    it('skips the second format while the first still runs, and for good when it has succeeded', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      const run = await worker.next();

      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);

      expect(await statuses(engine, snapshot)).toEqual({ a: 'skipped' });
      run.finish(SUCCEEDED);
      await engine.attempted(notification);
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      expect(await statuses(engine, snapshot)).toEqual({ a: 'skipped' });
      expect(worker.runs).toHaveLength(1);
    });

    it('runs the second format when the first is dead, on its own body', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const snapshot = webhookEvent();
      const notification = webhookEvent({ rawBody: Buffer.from('thin') });
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      const run = await worker.next();
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      await engine.accept([announced(notification, snapshot.id, 'notification')]);

      run.finish(DEAD);

      const second = await worker.next();
      expect(second.event.rawBody.toString()).toBe('thin');
      second.finish(SUCCEEDED);
      await engine.attempted(notification);
      expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      expect(worker.runs).toHaveLength(2);
    });

    it('runs a second format that comes when the first is dead', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      (await worker.next()).finish(DEAD);
      await engine.attempted(snapshot);

      await engine.accept([announced(notification, snapshot.id, 'notification')]);

      expect((await worker.next()).event.id).toBe(notification.id);
    });

    it('leaves the second format skipped while the first is going to be run again', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      (await worker.next()).finish(FAILED);
      await engine.attempted(snapshot);

      await engine.accept([announced(notification, snapshot.id, 'notification')]);

      expect(await statuses(engine, notification)).toEqual({ a: 'skipped' });
      expect(worker.runs).toHaveLength(1);
    });

    it('runs one of two formats that are stored at once, however often', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const pairs = Array.from({ length: MANY }, () => [webhookEvent(), webhookEvent()] as const);
      worker.answer(() => SUCCEEDED);
      await consume();

      await Promise.all(
        pairs.flatMap(([snapshot, notification]) => [
          engine.accept([announced(snapshot, snapshot.id, 'snapshot')]),
          engine.accept([announced(notification, snapshot.id, 'notification')]),
        ]),
      );
      await Promise.all(pairs.flat().map((event) => engine.attempted(event)));

      for (const pair of pairs) {
        const both = await Promise.all(pair.map((event) => statuses(engine, event)));
        expect(new Set(both.map(({ a }) => a))).toEqual(new Set(['skipped', 'succeeded']));
      }
      expect(worker.runs).toHaveLength(MANY);
    });

    it('runs both of two events that announce one change in the same format', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [first, second] = [webhookEvent(), webhookEvent()];
      worker.answer(() => SUCCEEDED);
      await consume();

      await engine.accept([announced(first, 'evt_snapshot', 'notification')]);
      await engine.accept([announced(second, 'evt_snapshot', 'notification')]);

      await Promise.all([engine.attempted(first), engine.attempted(second)]);
      expect(worker.runs).toHaveLength(2);
    });

    it('runs the formats of one change for different handlers, and in different sources', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, ofOther, ofTenant] = [
        webhookEvent(),
        webhookEvent(),
        webhookEvent({ source: 'tenant' }),
      ];
      worker.answer(() => SUCCEEDED);
      await consume();

      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      await engine.accept([announced(ofOther, snapshot.id, 'notification', 'b')]);
      await engine.accept([announced(ofTenant, snapshot.id, 'notification')]);

      await Promise.all([snapshot, ofOther, ofTenant].map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(3);
    });

    for (const outcome of [SUCCEEDED, DEAD]) {
      it(`runs a second format once that is replayed while the first runs, which is then ${outcome.status}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const snapshot = webhookEvent();
        const notification = webhookEvent({ rawBody: Buffer.from('thin') });
        await consume(1);
        await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
        const first = await worker.next();
        await engine.accept([announced(notification, snapshot.id, 'notification')]);
        await engine.replay([{ event: notification, deliveries: [{ handler: 'a' }] }]);

        first.finish(outcome);

        const second = await worker.next();
        expect(second.event.rawBody.toString()).toBe('thin');
        second.finish(SUCCEEDED);
        await engine.attempted(notification);
        expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
        expect(worker.runs).toHaveLength(2);
      });
    }

    it('never runs a second format twice at once that runs by a replay when the first dies', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([announced(snapshot, snapshot.id, 'snapshot')]);
      const first = await worker.next();
      await engine.accept([announced(notification, snapshot.id, 'notification')]);
      await engine.replay([{ event: notification, deliveries: [{ handler: 'a' }] }]);
      const second = await worker.next();

      first.finish(DEAD);
      await engine.attempted(snapshot);

      second.finish(SUCCEEDED);
      await engine.attempted(notification);
      expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
      expect(worker.runs).toHaveLength(2);
      expect(worker.ranTwiceAtOnce).toEqual([]);
    });

    it('takes no change for a delivery that a filter turned away', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [snapshot, notification] = [webhookEvent(), webhookEvent()];
      worker.answer(() => SUCCEEDED);
      await consume();
      const { event, deliveries } = announced(snapshot, snapshot.id, 'snapshot');
      const skipped = deliveries.map((wanted) => ({ ...wanted, skipReason: 'test mode' }));

      await engine.accept([{ event, deliveries: skipped }]);
      await engine.accept([announced(notification, snapshot.id, 'notification')]);

      await engine.attempted(notification);
      expect(await statuses(engine, notification)).toEqual({ a: 'succeeded' });
      expect(await statuses(engine, snapshot)).toEqual({ a: 'skipped' });
    });
  });
}

/** An event that announces a change to a handler of both formats. */
function announced(event: WebhookEvent, id: string, format: string, handler = 'a'): Arrival {
  return { event, deliveries: [{ handler, change: { id, format } }] };
}
