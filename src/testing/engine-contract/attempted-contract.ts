import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../../inbox/webhook-engine.interface.js';
import { arrival, DEAD, FAILED, startEngine, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

export function attemptedContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('telling how far an event is', () => {
    it('waits until none of its deliveries is pending or running', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      const order: string[] = [];
      await consume(1);
      await engine.accept([arrival(event, 'a', 'b')]);

      const attempted = engine.attempted(event).then(() => order.push('attempted'));
      for (let count = 0; count < 2; count++) {
        const run = await worker.next();
        await setImmediate();
        order.push('finished');
        run.finish(SUCCEEDED);
      }
      await attempted;

      expect(order).toEqual(['finished', 'finished', 'attempted']);
    });

    it('wakes everyone who waits for the same event', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      const waiting = Array.from({ length: 20 }, () => engine.attempted(event));

      (await worker.next()).finish(SUCCEEDED);

      const woken = await Promise.all(waiting);
      const stored = await engine.find(event);
      expect(woken).toEqual(waiting.map(() => stored));
      expect(stored?.deliveries).toMatchObject([{ status: 'succeeded' }]);
    });

    it('does not wait for other events', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [slow, fast] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([arrival(slow, 'a')]);
      await worker.next();

      await engine.accept([arrival(fast, 'a')]);
      (await worker.next()).finish(SUCCEEDED);

      expect(await engine.attempted(fast)).toMatchObject({ id: fast.id });
    });

    it('waits again for a delivery that was made due again', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(FAILED);
      await engine.attempted(event);

      await engine.accept([arrival(event, 'a')]);
      const attempted = engine.attempted(event);
      (await worker.next()).finish(SUCCEEDED);

      expect((await attempted)?.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    });

    it('answers at once for an event without deliveries', async () => {
      const { engine } = await startEngine(options);
      const event = webhookEvent();
      await engine.accept([arrival(event)]);

      expect(await engine.attempted(event)).toMatchObject({ id: event.id, deliveries: [] });
    });

    const attempts: readonly [Outcome, object][] = [
      [SUCCEEDED, {}],
      [FAILED, { error: FAILED.error }],
      [
        { ...FAILED, retryAt: new Date(4e12), isHeld: true },
        { error: FAILED.error, retryAt: new Date(4e12) },
      ],
      [DEAD, { error: DEAD.error }],
      [{ status: 'skipped', reason: 'not ours' }, { reason: 'not ours' }],
    ];
    for (const [outcome, facts] of attempts) {
      it(`shows what an attempt came to: ${JSON.stringify(outcome)}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const event = webhookEvent();
        await consume();
        await engine.accept([arrival(event, 'a')]);

        (await worker.next()).finish(outcome);

        const attempted = await engine.attempted(event);
        const delivery = { handler: 'a', endpoint: 'stripe', status: outcome.status, attempts: 1 };
        expect(attempted?.deliveries).toEqual([{ ...delivery, ...facts }]);
        expect(await engine.attempted(event)).toEqual(attempted);
        expect(await engine.find(event)).toEqual(attempted);
      });
    }

    it('forgets the error of an attempt when a later one succeeds', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      worker.answer(({ attempt }) => (attempt === 1 ? FAILED : SUCCEEDED));
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);

      await engine.accept([arrival(event, 'a')]);

      expect((await engine.attempted(event))?.deliveries).toEqual([
        { handler: 'a', endpoint: 'stripe', status: 'succeeded', attempts: 2 },
      ]);
    });

    it('knows nothing of an event that is not stored', async () => {
      const { engine } = await startEngine(options);
      await engine.accept([arrival(webhookEvent(), 'a')]);
      const unknown = { source: 'stripe', id: 'evt_unknown' };

      expect(await engine.find(unknown)).toBeUndefined();
      expect(await engine.attempted(unknown)).toBeUndefined();
    });

    it('counts a running attempt', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);

      await worker.next();

      expect((await engine.find(event))?.deliveries).toMatchObject([
        { status: 'running', attempts: 1 },
      ]);
    });
  });
}
