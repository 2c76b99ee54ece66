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

export function replayContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('replaying', () => {
    const ended: readonly Outcome[] = [
      SUCCEEDED,
      DEAD,
      FAILED,
      { status: 'skipped', reason: 'by the handler' },
    ];
    for (const outcome of ended) {
      it(`runs anew what is ${outcome.status}, on the same bytes`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const event = webhookEvent({ rawBody: Buffer.from([0xff, 0x00]) });
        await consume();
        await engine.accept([arrival(event, 'a')]);
        (await worker.next()).finish(outcome);
        await engine.attempted(event);

        const due = await engine.replay([{ event, deliveries: [{ handler: 'a' }] }]);

        const run = await worker.next();
        expect(due).toBe(1);
        expect(run).toMatchObject({ attempt: 1, replays: 1 });
        expect(run.event.rawBody.equals(event.rawBody)).toBe(true);
        run.finish(SUCCEEDED);
        const stored = await engine.attempted(event);
        expect(stored?.deliveries).toEqual([
          { handler: 'a', endpoint: 'stripe', status: 'succeeded', attempts: 1, replays: 1 },
        ]);
      });
    }

    it('replays the deliveries it is told, and no other', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [event, other] = [webhookEvent(), webhookEvent()];
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([arrival(event, 'a', 'b'), arrival(other, 'a')]);
      await Promise.all([engine.attempted(event), engine.attempted(other)]);

      const due = await engine.replay([{ event, deliveries: [{ handler: 'b' }] }]);

      await engine.attempted(event);
      expect(due).toBe(1);
      expect(worker.runs).toHaveLength(4);
      expect(worker.runs.at(-1)).toMatchObject({ handler: 'b', event: { id: event.id } });
    });

    it('replays again and again, once for any number of calls at once', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(event);
      const replay = () => engine.replay([{ event, deliveries: [{ handler: 'a' }] }]);

      const atOnce = await Promise.all(Array.from({ length: 20 }, replay));
      worker.answer(() => SUCCEEDED);
      await engine.attempted(event);
      await replay();
      await engine.attempted(event);

      expect(atOnce.reduce((sum, due) => sum + due, 0)).toBe(1);
      expect(worker.runs.map(({ replays }) => replays)).toEqual([0, 1, 2]);
      expect(worker.ranTwiceAtOnce).toEqual([]);
    });

    it('leaves what is pending or running', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume(1);
      await engine.accept([arrival(event, 'a', 'b')]);
      const run = await worker.next();

      const due = await engine.replay([
        { event, deliveries: [{ handler: 'a' }, { handler: 'b' }] },
      ]);

      expect(due).toBe(0);
      worker.answer(() => SUCCEEDED);
      run.finish(SUCCEEDED);
      await engine.attempted(event);
      expect(worker.runs).toHaveLength(2);
    });

    it('gives a handler what it never got, on the bytes by which the event came first', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ rawBody: Buffer.from('first') });
      await consume();
      await engine.accept([arrival(event)]);

      const due = await engine.replay([{ event, deliveries: [{ handler: 'new' }] }]);

      const run = await worker.next();
      expect(due).toBe(1);
      expect(run.handler).toBe('new');
      expect(run.event.rawBody.toString()).toBe('first');
    });

    it('replays what a filter had skipped', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([skippedArrival(event, 'a', 'test mode')]);

      await engine.replay([{ event, deliveries: [{ handler: 'a' }] }]);

      (await worker.next()).finish(SUCCEEDED);
      await engine.attempted(event);
      expect(await statuses(engine, event)).toEqual({ a: 'succeeded' });
    });

    it('replays nothing of an event that is not stored, or whose body is gone', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ receivedAt: new Date(START) });
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);
      await engine.prune({ events: new Date(START), bodies: new Date(START + 1) });

      const deliveries = [{ handler: 'a' }, { handler: 'new' }];
      const due = await engine.replay([
        { event, deliveries },
        { event: webhookEvent(), deliveries },
      ]);

      expect(due).toBe(0);
      expect(await statuses(engine, event)).toEqual({ a: 'succeeded' });
    });

    if (options.lacks?.includes('lanes')) return;
    it('runs what a filter had skipped in the lane that the replay gives', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.accept(events.map((event) => skippedArrival(event, 'a', 'test mode')));
      worker.answer(() => SUCCEEDED);

      await engine.replay(
        events.map((event) => ({ event, deliveries: [{ handler: 'a', lane: 'sub_1' }] })),
      );

      await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.runs).toHaveLength(2);
      expect(worker.mostAtOnce).toBe(1);
    });

    it('keeps a lane in a replay', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [first, second] = [webhookEvent(), webhookEvent()];
      worker.answer(() => SUCCEEDED);
      await consume();
      for (const event of [first, second]) {
        await engine.accept([{ event, deliveries: [{ handler: 'a', lane: 'sub_1' }] }]);
        await engine.attempted(event);
      }

      await engine.replay(
        [first, second].map((event) => ({ event, deliveries: [{ handler: 'a' }] })),
      );
      await Promise.all([engine.attempted(first), engine.attempted(second)]);

      expect(worker.runs).toHaveLength(4);
      expect(worker.mostAtOnce).toBe(1);
    });
  });

  describe('retrying now', () => {
    it('runs a failed delivery before its time', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      (await worker.next()).finish({ ...FAILED, retryAt: new Date(START + 60_000) });
      await engine.attempted(event);

      const isDue = await engine.retryNow(event, 'a');

      expect(isDue).toBe(true);
      expect(await worker.next()).toMatchObject({ attempt: 2, replays: 0 });
    });

    for (const outcome of [SUCCEEDED, DEAD]) {
      it(`leaves what is ${outcome.status}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const event = webhookEvent();
        await consume();
        await engine.accept([arrival(event, 'a')]);
        (await worker.next()).finish(outcome);
        await engine.attempted(event);

        const answers = [
          await engine.retryNow(event, 'a'),
          await engine.retryNow(event, 'unknown'),
          await engine.retryNow(webhookEvent(), 'a'),
        ];

        expect(answers).toEqual([false, false, false]);
        expect(worker.runs).toHaveLength(1);
      });
    }
  });

  if (options.lacks?.includes('pausing')) return;
  describe('pausing', () => {
    it('hands out nothing of a handler until it is resumed, while storing goes on', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const events = Array.from({ length: 3 }, () => webhookEvent());
      worker.answer(() => SUCCEEDED);
      await consume();

      await engine.pause('a');
      for (const event of events) await engine.accept([arrival(event, 'a', 'b')]);
      const whilePaused = await engine.attempted(events[2]!);

      expect(whilePaused?.deliveries).toMatchObject([
        { handler: 'a', status: 'pending', attempts: 0 },
        { handler: 'b', status: 'succeeded' },
      ]);
      expect((await engine.stats()).paused).toEqual(['a']);
      await engine.resume('a');
      await Promise.all(events.map((event) => engine.attempted(event)));
      expect(worker.countByHandler()).toEqual({ a: 3, b: 3 });
      expect((await engine.stats()).paused).toEqual([]);
    });

    it('lets what runs come to its end', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent();
      await consume();
      await engine.accept([arrival(event, 'a')]);
      const run = await worker.next();

      await engine.pause('a');
      run.finish(SUCCEEDED);

      await engine.attempted(event);
      expect(await statuses(engine, event)).toEqual({ a: 'succeeded' });
    });

    it('holds back no other delivery of a lane', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const [paused, other] = [webhookEvent(), webhookEvent()];
      await consume();
      await engine.pause('a');

      await engine.accept([{ event: paused, deliveries: [{ handler: 'a', lane: 'sub_1' }] }]);
      await engine.accept([{ event: other, deliveries: [{ handler: 'b', lane: 'sub_1' }] }]);

      expect((await worker.next()).handler).toBe('b');
    });
  });
}
