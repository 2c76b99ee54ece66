import { setImmediate } from 'node:timers/promises';
import { arrival, FAILED, startEngine, statuses, SUCCEEDED, webhookEvent } from './engine-bench.js';
import type { EngineContractOptions } from './engine-bench.js';
import type { TestRunner } from './test-runner.interface.js';

const MANY = 100;

export function consumeContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('handing out deliveries', () => {
    it('hands out nothing before there is a worker, and what was stored once there is one', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await engine.accept([arrival(event, 'a')]);
      expect(await statuses(engine, event)).toEqual({ a: 'pending' });

      await consume();

      expect((await worker.next()).event.id).toBe(event.id);
    });

    it('hands out the event as it was stored, byte for byte', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({
        rawBody: Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x7d]),
        headers: { 'stripe-signature': 't=1,v1=0', 'user-agent': 'Stripe/1.0' },
        secretLabel: 'previous',
        arrivedBy: 'receive',
      });
      await consume();

      await engine.accept([arrival(event, 'a')]);

      const run = await worker.next();
      expect(run).toMatchObject({ handler: 'a', attempt: 1, event });
      expect(run.event.rawBody.equals(event.rawBody)).toBe(true);
    });

    it('counts the attempts of a delivery', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      worker.answer(({ attempt }) => (attempt < 4 ? FAILED : SUCCEEDED));
      await consume();

      for (let arrivals = 0; arrivals < 6; arrivals++) {
        await engine.accept([arrival(event, 'a')]);
        await engine.attempted(event);
      }

      expect(worker.runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
      expect((await engine.find(event))?.deliveries).toMatchObject([
        { status: 'succeeded', attempts: 4 },
      ]);
    });

    it('hands out the whole event again after a failure', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ headers: { 'x-kept': 'yes' } });
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(FAILED);
      await engine.attempted(event);

      await engine.accept([arrival(event, 'a')]);

      const run = await worker.next();
      expect(run.event).toMatchObject({ rawBody: event.rawBody, headers: { 'x-kept': 'yes' } });
    });

    for (const concurrency of [1, 3]) {
      it(`never has more than ${concurrency} running at once, and as many if there are`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        await consume(concurrency);

        await Promise.all(
          Array.from({ length: MANY }, () => engine.accept([arrival(webhookEvent(), 'a')])),
        );
        for (let finished = 0; finished < MANY; finished++) {
          const run = await worker.next();
          await setImmediate();
          run.finish(SUCCEEDED);
        }

        expect(worker.mostAtOnce).toBe(concurrency);
        expect(worker.runs).toHaveLength(MANY);
      });
    }

    it('runs the handlers of one event beside each other', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();

      await engine.accept([arrival(event, 'slow', 'fast')]);

      const runs = [await worker.next(), await worker.next()];
      expect(await statuses(engine, event)).toEqual({ slow: 'running', fast: 'running' });
      expect(runs.map(({ handler }) => handler).sort()).toEqual(['fast', 'slow']);
    });

    it('runs every delivery once in a storm of arrivals of the same events', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 20 }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      await consume(5);

      await Promise.all(
        Array.from({ length: 20 * MANY }, (_, index) =>
          engine.accept([arrival(events[index % events.length]!, 'a', 'b')]),
        ),
      );
      await Promise.all(events.map((event) => engine.attempted(event)));

      expect(worker.countByHandler()).toEqual({ a: events.length, b: events.length });
      expect(worker.ranTwiceAtOnce).toEqual([]);
      expect(worker.mostAtOnce).toBeLessThanOrEqual(5);
    });

    it('runs a delivery until it has succeeded and never after, in a storm with failures', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      worker.answer(({ attempt }) => (attempt < 3 ? FAILED : SUCCEEDED));
      await consume();

      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: MANY }, () => engine.accept([arrival(event, 'a')])));
        await engine.attempted(event);
      }

      expect(worker.runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect(worker.ranTwiceAtOnce).toEqual([]);
    });

    it('refuses a second worker and goes on with the first', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const second: string[] = [];
      await consume();

      const consumingTwice = engine.consume(
        async ({ handler }) => {
          second.push(handler);
          return SUCCEEDED;
        },
        { concurrency: 1 },
      );

      await expect(consumingTwice).rejects.toThrow(Error);
      await engine.accept([arrival(webhookEvent(), 'a')]);
      expect((await worker.next()).handler).toBe('a');
      expect(second).toEqual([]);
    });
  });
}
