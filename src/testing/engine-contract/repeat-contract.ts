import type { Outcome } from '../../inbox/webhook-engine.interface.js';
import {
  arrival,
  DEAD,
  FAILED,
  skippedArrival,
  START,
  startEngine,
  statuses,
  SUCCEEDED,
  webhookEvent,
} from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 50;

export function repeatContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('accepting an event again', () => {
    const finished: readonly Outcome[] = [
      SUCCEEDED,
      DEAD,
      { status: 'skipped', reason: 'by the handler' },
    ];
    for (const outcome of finished) {
      it(`runs nothing again that is ${outcome.status}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const event = webhookEvent();
        await consume();
        await engine.accept([arrival(event, 'a')]);
        (await worker.next()).finish(outcome);
        const before = await engine.attempted(event);

        const acceptances = await engine.accept([arrival(event, 'a')]);

        expect(acceptances).toEqual([{ status: 'repeated' }]);
        expect(await engine.attempted(event)).toEqual(before);
        expect(worker.runs).toHaveLength(1);
      });
    }

    it('does not run a delivery twice at once that is running', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      const run = await worker.next();

      await Promise.all(Array.from({ length: MANY }, () => engine.accept([arrival(event, 'a')])));

      expect(await statuses(engine, event)).toEqual({ a: 'running' });
      run.finish(SUCCEEDED);
      await engine.attempted(event);
      expect(worker.runs).toHaveLength(1);
    });

    it('does not run a delivery twice that is still pending', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await engine.accept([arrival(event, 'a')]);
      await engine.accept([arrival(event, 'a')]);
      worker.answer(() => SUCCEEDED);

      await consume();

      await engine.attempted(event);
      expect(worker.runs).toHaveLength(1);
    });

    it('runs a failed delivery again now, and no other', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      worker.answer(({ handler, attempt }) =>
        handler === 'fails' && attempt === 1 ? FAILED : SUCCEEDED,
      );
      await consume();
      await engine.accept([arrival(event, 'works', 'fails')]);
      await engine.attempted(event);

      const acceptances = await engine.accept([arrival(event, 'works', 'fails')]);

      expect(acceptances).toEqual([{ status: 'repeated' }]);
      await engine.attempted(event);
      expect(await statuses(engine, event)).toEqual({ works: 'succeeded', fails: 'succeeded' });
      expect(worker.countByHandler()).toEqual({ works: 1, fails: 2 });
      expect(worker.runs.at(-1)?.attempt).toBe(2);
    });

    it('runs a failed delivery again once, however often the event comes at once', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(FAILED);
      await engine.attempted(event);

      await Promise.all(Array.from({ length: MANY }, () => engine.accept([arrival(event, 'a')])));

      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(event);
      expect(worker.runs).toHaveLength(2);
      expect(worker.ranTwiceAtOnce).toEqual([]);
    });

    it('runs a failed delivery again once that waits for a free worker', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [event, slow] = [webhookEvent(), webhookEvent()];
      await consume(1);
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(FAILED);
      await engine.attempted(event);
      await engine.accept([arrival(slow, 'a')]);
      const slowRun = await worker.next();

      await engine.accept([arrival(event, 'a')]);
      await engine.accept([arrival(event, 'a')]);

      expect(await statuses(engine, event)).toEqual({ a: 'pending' });
      worker.answer(() => SUCCEEDED);
      slowRun.finish(SUCCEEDED);
      await engine.attempted(event);
      expect(worker.runs.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
    });

    it('does not run a failed delivery before the time that its handler has set', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      const retryAt = new Date(START + 60_000);
      worker.answer(() => ({ ...FAILED, retryAt, isHeld: true }));
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);

      await engine.accept([arrival(event, 'a')]);

      const stored = await engine.attempted(event);
      expect(stored?.deliveries).toMatchObject([{ status: 'failed', attempts: 1, retryAt }]);
      expect(worker.runs).toHaveLength(1);
    });

    it('gives a handler its delivery that had none', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ endpoint: 'stripe' });
      const again = webhookEvent({ id: event.id, endpoint: 'connect', rawBody: Buffer.from('2') });
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([arrival(event, 'early')]);
      await engine.attempted(event);

      const acceptances = await engine.accept([arrival(again, 'early', 'late')]);

      expect(acceptances).toEqual([{ status: 'repeated' }]);
      const stored = await engine.attempted(event);
      expect(stored?.deliveries).toMatchObject([
        { handler: 'early', endpoint: 'stripe', status: 'succeeded', attempts: 1 },
        { handler: 'late', endpoint: 'connect', status: 'succeeded', attempts: 1 },
      ]);
      expect(
        worker.runs.map(({ handler, event: { rawBody } }) => [handler, rawBody.toString()]),
      ).toEqual([
        ['early', event.rawBody.toString()],
        ['late', '2'],
      ]);
    });

    it('runs what a filter had skipped, with the body of the arrival that it accepts', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ endpoint: 'stripe' });
      const again = webhookEvent({ id: event.id, endpoint: 'connect', rawBody: Buffer.from('2') });
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([skippedArrival(event, 'a', 'wrong scope')]);

      const acceptances = await engine.accept([arrival(again, 'a')]);

      expect(acceptances).toEqual([{ status: 'repeated' }]);
      const stored = await engine.attempted(event);
      expect(stored?.deliveries).toEqual([
        { handler: 'a', endpoint: 'connect', status: 'succeeded', attempts: 1 },
      ]);
      expect(worker.runs.map(({ event: { rawBody } }) => rawBody.toString())).toEqual(['2']);
    });

    it('leaves skipped what every arrival skips', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([skippedArrival(event, 'a', 'first reason')]);

      await engine.accept([skippedArrival(event, 'a', 'second reason')]);

      const stored = await engine.attempted(event);
      expect(stored?.deliveries).toMatchObject([{ status: 'skipped', reason: 'first reason' }]);
      expect(worker.runs).toEqual([]);
    });

    it('leaves a delivery as it is that this arrival would skip', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(event);

      await engine.accept([skippedArrival(event, 'a', 'wrong scope')]);

      expect(await statuses(engine, event)).toEqual({ a: 'succeeded' });
    });
  });
}
