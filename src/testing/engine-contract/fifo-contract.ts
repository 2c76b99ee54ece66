import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../../inbox/webhook-engine.interface.js';
import { FAILED, START, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';
import { fifoArrival } from './fifo-arrival.js';
import { fifoBlockingContract } from './fifo-blocking-contract.js';

const MANY = 30;
const IN_AN_HOUR = new Date(START + 3_600_000);

export function fifoContract(runner: TestRunner, options: EngineContractOptions): void {
  const { describe, it, expect } = runner;
  describe('lanes in order', () => {
    it('run in the order in which their events were stored', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: MANY }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      for (const event of events) await engine.accept([fifoArrival(event, 'one', {}, 'a', 'b')]);

      await consume();

      await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.runs.map(({ event, handler }) => `${event.id} ${handler}`)).toEqual(
        events.flatMap(({ id }) => [`${id} a`, `${id} b`]),
      );
    });

    it('run in the order of the list where they are stored at once', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: MANY }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      await consume();

      await Promise.all(events.map((event) => engine.accept([fifoArrival(event, 'one')])));

      await Promise.all(events.map((event) => engine.attempted(event)));
      const listed = (await engine.list({})).events.map(({ id }) => id);
      expect(worker.runs.map(({ event }) => event.id)).toEqual(listed.reverse());
    });

    const unsettled: readonly Outcome[] = [
      { ...FAILED, retryAt: IN_AN_HOUR },
      { status: 'unknown-handler' },
    ];
    for (const outcome of unsettled) {
      it(`wait for one that came to "${outcome.status}"`, async () => {
        const { engine, clock, worker, consume } = await startEngine(options);
        const [first, second, other] = [webhookEvent(), webhookEvent(), webhookEvent()];
        await consume();
        await engine.accept([fifoArrival(first, 'one')]);
        await engine.accept([fifoArrival(second, 'one')]);

        (await worker.next()).finish(outcome);
        await engine.accept([fifoArrival(other, 'another')]);
        (await worker.next()).finish(SUCCEEDED);
        await engine.attempted(other);

        expect(await statuses(engine, second)).toEqual({ a: 'pending' });
        await engine.retryNow(first, 'a');
        // Long enough for an engine that looks for the handler again from time to time.
        await clock.advance(60_000);
        const again = await worker.next();
        expect(again.event.id).toBe(first.id);
        again.finish(SUCCEEDED);
        expect((await worker.next()).event.id).toBe(second.id);
      });
    }

    it('keep their order when their handler is paused, and go on with it', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 5 }, () => webhookEvent());
      const ofOther = webhookEvent();
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.pause('a');
      for (const event of events) await engine.accept([fifoArrival(event, 'one')]);
      await engine.accept([fifoArrival(ofOther, 'one', {}, 'b')]);
      // As long as it would take for all of them to be held back one after the other.
      for (let count = 0; count < 2 * events.length; count++) {
        const elsewhere = webhookEvent();
        await engine.accept([fifoArrival(elsewhere, 'another', {}, 'b')]);
        await engine.attempted(elsewhere);
      }
      expect(await statuses(engine, ofOther)).toEqual({ b: 'pending' });

      await engine.resume('a');

      await Promise.all([...events, ofOther].map((event) => engine.attempted(event)));
      expect(worker.runs.slice(2 * events.length).map(({ event }) => event.id)).toEqual(
        [...events, ofOther].map(({ id }) => id),
      );
    });

    it('are not overtaken by what is replayed in another order', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 5 }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      await consume();
      for (const event of events) await engine.accept([fifoArrival(event, 'one')]);
      await Promise.all(events.map((event) => engine.attempted(event)));

      await engine.replay(
        events.toReversed().map((event) => ({ event, deliveries: [{ handler: 'a' }] })),
      );

      await Promise.all(events.map((event) => engine.attempted(event)));
      const ids = events.map(({ id }) => id);
      expect(worker.runs.map(({ event }) => event.id)).toEqual([...ids, ...ids]);
    });

    it('are not overtaken by what is stored after a replay', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [replayed, later] = [webhookEvent(), webhookEvent()];
      await consume(1);
      await engine.accept([fifoArrival(replayed, 'one')]);
      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(replayed);
      await engine.accept([fifoArrival(webhookEvent(), 'another')]);
      const busy = await worker.next();

      await engine.replay([{ event: replayed, deliveries: [{ handler: 'a' }] }]);
      await engine.accept([fifoArrival(later, 'one')]);
      busy.finish(SUCCEEDED);

      expect((await worker.next()).event.id).toBe(replayed.id);
    });

    it('go on when one is replayed that holds its lane for a retry', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [first, second] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept([fifoArrival(first, 'one')]);
      await engine.accept([fifoArrival(second, 'one')]);
      (await worker.next()).finish({ ...FAILED, retryAt: IN_AN_HOUR });
      await engine.attempted(first);

      await engine.replay([{ event: first, deliveries: [{ handler: 'a' }] }]);

      const again = await worker.next();
      expect(again).toMatchObject({ attempt: 1, replays: 1, event: { id: first.id } });
      await setImmediate();
      expect(worker.runs).toHaveLength(2);
      again.finish(SUCCEEDED);
      expect((await worker.next()).event.id).toBe(second.id);
    });

    it('let others wait for their retry that are not in order, and wait for no retry of these', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [exclusive, inOrder, last] = [webhookEvent(), webhookEvent(), webhookEvent()];
      const isFailed = { ...FAILED, retryAt: IN_AN_HOUR };
      const alone = { handler: 'a', lane: 'one' };
      await consume();
      await engine.accept([{ event: exclusive, deliveries: [alone] }]);
      await engine.accept([fifoArrival(inOrder, 'one')]);
      await engine.accept([{ event: last, deliveries: [alone] }]);

      (await worker.next()).finish(isFailed);
      const second = await worker.next();
      second.finish(isFailed);
      await engine.attempted(inOrder);
      await engine.retryNow(exclusive, 'a');

      expect(second.event.id).toBe(inOrder.id);
      await engine.retryNow(inOrder, 'a');
      const third = await worker.next();
      expect(third.event.id).toBe(inOrder.id);
      third.finish(SUCCEEDED);
      (await worker.next()).finish(SUCCEEDED);
      (await worker.next()).finish(SUCCEEDED);
      expect(worker.runs.slice(3).map(({ event }) => event.id)).toEqual([exclusive.id, last.id]);
    });
  });

  fifoBlockingContract(runner, options);
}
