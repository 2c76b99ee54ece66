import type { EventFilter } from '../../inbox/event-query.interface.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';
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

/** More than an engine forgets at once. */
const MANY = 1200;

export function ledgerContract(
  { describe, it, expect }: TestRunner,
  options: EngineContractOptions,
): void {
  describe('looking at what is stored', () => {
    it('lists events with their deliveries, the last stored first', async () => {
      const { engine } = await startEngine(options);
      const [first, second] = [webhookEvent(), webhookEvent({ account: 'acct_1', livemode: true })];
      await engine.accept([arrival(first)]);
      await engine.accept([arrival(second, 'a')]);

      const { events, cursor } = await engine.list({});

      expect(events.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(events[0]).toEqual(await engine.find(second));
      expect(events[0]).toMatchObject({ account: 'acct_1', livemode: true });
      expect(events[0]?.deliveries).toMatchObject([{ handler: 'a', status: 'pending' }]);
      expect(cursor).toBeUndefined();
    });

    it('lists page after page, whatever is stored meanwhile', async () => {
      const { engine } = await startEngine(options);
      const stored = Array.from({ length: 5 }, () => webhookEvent());
      for (const event of stored) await engine.accept([arrival(event)]);

      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await engine.list({ limit: 2, ...(cursor !== undefined && { cursor }) });
        await engine.accept([arrival(webhookEvent())]);
        pages.push(page.events.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);

      expect(pages.flat()).toEqual(stored.map(({ id }) => id).reverse());
      expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
    });

    const filters: readonly [string, EventFilter, string[]][] = [
      ['source', { source: 'tenant' }, ['tenant']],
      ['id', { id: 'evt_of_tenant' }, ['tenant']],
      ['type', { type: 'invoice.paid' }, ['tenant', 'dead']],
      ['prefix', { type: 'customer.*' }, ['failed', 'old']],
      ['every type', { type: '*' }, ['tenant', 'dead', 'failed', 'old']],
      ['endpoint', { endpoint: 'connect' }, ['dead']],
      ['account', { account: 'acct_1' }, ['dead']],
      ['mode', { livemode: false }, ['failed']],
      ['status', { status: 'skipped' }, ['old']],
      ['handler', { handler: 'b' }, ['failed', 'old']],
      ['status of a handler', { handler: 'b', status: 'failed' }, ['failed']],
      ['status of another handler', { handler: 'a', status: 'dead' }, ['dead']],
      ['time of receipt from', { since: new Date(START) }, ['tenant', 'dead', 'failed']],
      ['time of receipt until', { until: new Date(START) }, ['old']],
      ['several of these', { type: 'customer.*', status: 'failed', source: 'stripe' }, ['failed']],
    ];
    for (const [what, filter, expected] of filters) {
      it(`lists by ${what}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const named = await storeExamples(engine);
        worker.answer(({ event }) => (event.id === named.dead!.id ? DEAD : FAILED));
        await consume();
        await Promise.all(Object.values(named).map((event) => engine.attempted(event)));

        const { events } = await engine.list(filter);

        const names = events.map(({ source, id }) =>
          Object.keys(named).find(
            (name) => named[name]!.id === id && named[name]!.source === source,
          ),
        );
        expect(names).toEqual(expected);
      });
    }

    for (const status of ['pending', 'failed', 'dead', 'succeeded'] as const) {
      it(`lists what is ${status} page after page, each event once`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const events = Array.from({ length: 5 }, () => webhookEvent());
        const outcomes = { failed: FAILED, dead: DEAD, succeeded: SUCCEEDED };
        await engine.accept([
          arrival(webhookEvent(), 'other'),
          skippedArrival(webhookEvent(), 'a', 'no'),
        ]);
        for (const event of events) await engine.accept([arrival(event, 'a', 'b')]);
        if (status !== 'pending') {
          worker.answer(({ handler }) => (handler === 'other' ? FAILED : outcomes[status]));
          await consume();
          await Promise.all(events.map((event) => engine.attempted(event)));
        }

        const listed: string[] = [];
        let cursor: string | undefined;
        do {
          const query = { status, handler: 'b', limit: 2, ...(cursor !== undefined && { cursor }) };
          const page = await engine.list(query);
          listed.push(...page.events.map(({ id }) => id));
          cursor = page.cursor;
        } while (cursor !== undefined);

        expect(listed).toEqual(events.map(({ id }) => id).reverse());
      });
    }

    it('counts deliveries by status, and knows the oldest that is unfinished', async () => {
      const { engine, worker, consume, clock } = await startEngine(options);
      const [done, failed, running] = [
        webhookEvent({ receivedAt: new Date(START - 3_000) }),
        webhookEvent({ receivedAt: new Date(START - 2_000) }),
        webhookEvent({ receivedAt: new Date(START - 1_000) }),
      ];
      await consume();
      await engine.accept([arrival(done, 'a', 'b')]);
      (await worker.next()).finish(SUCCEEDED);
      (await worker.next()).finish(DEAD);
      await engine.accept([arrival(failed, 'a')]);
      (await worker.next()).finish(FAILED);
      await engine.accept([skippedArrival(webhookEvent(), 'a', 'no')]);
      await engine.accept([arrival(running, 'a')]);
      await worker.next();
      await Promise.all([engine.attempted(done), engine.attempted(failed)]);

      const stats = await engine.stats();

      expect(stats).toEqual({
        deliveries: { pending: 0, running: 1, succeeded: 1, failed: 1, dead: 1, skipped: 1 },
        oldestUnfinishedAt: failed.receivedAt,
        lastMinute: { receivedEvents: 4, settledDeliveries: 2 },
        paused: [],
        blockedLanes: 0,
      });
      await clock.advance(120_000);
    });

    it('has nothing to say of an empty inbox', async () => {
      const { engine } = await startEngine(options);

      const stats = await engine.stats();

      expect(stats).toMatchObject({
        oldestUnfinishedAt: undefined,
        lastMinute: { receivedEvents: 0, settledDeliveries: 0 },
      });
      expect(await engine.list({})).toEqual({ events: [] });
    });

    it('gives an event back as it was received', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ account: 'acct_1', rawBody: Buffer.from([0, 255, 10]) });
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);

      const { payload: _payload, ...loaded } = (await engine.load(event))!;

      expect(loaded).toEqual(event);
      expect(await engine.load(webhookEvent())).toBeUndefined();
    });
  });

  describe('pruning', () => {
    it('forgets bodies first and then events, but nothing that is unfinished', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const at = (ms: number) => webhookEvent({ receivedAt: new Date(START + ms) });
      const [forgotten, bodiless, whole, unfinished] = [at(1), at(2), at(3), at(1)];
      worker.answer(({ event }) => (event.id === unfinished.id ? FAILED : SUCCEEDED));
      await consume();
      for (const event of [forgotten, bodiless, whole, unfinished]) {
        await engine.accept([arrival(event, 'a')]);
        await engine.attempted(event);
      }

      const report = await engine.prune({
        events: new Date(START + 2),
        bodies: new Date(START + 3),
      });

      expect(report).toMatchObject({ events: 1 });
      expect(await engine.find(forgotten)).toBeUndefined();
      expect(await engine.find(bodiless)).toBeDefined();
      expect(await engine.load(bodiless)).toBeUndefined();
      expect(await engine.load(whole)).toBeDefined();
      expect(await engine.load(unfinished)).toBeDefined();
    });

    it('forgets thousands, and says how many', async () => {
      const { engine } = await startEngine(options);
      const old = Array.from({ length: MANY }, () => webhookEvent());
      const kept = webhookEvent({ receivedAt: new Date(START + 5) });
      const unfinished = webhookEvent();
      await engine.accept([...old.slice(1), kept].map((event) => arrival(event)));
      await engine.accept([arrival(unfinished, 'a'), arrival(old[0]!)]);
      const later = new Date(START + 1);

      const first = await engine.prune({ events: new Date(START), bodies: later });
      const second = await engine.prune({ events: later, bodies: later });

      expect(first.events).toBe(0);
      expect(second).toEqual({ events: MANY, bodies: 0 });
      const { events } = await engine.list({});
      expect(events.map(({ id }) => id).sort()).toEqual([kept.id, unfinished.id].sort());
    });

    it('does not make a finished event run again whose body is gone', async () => {
      const { engine, worker, consume } = await startEngine(options);
      const event = webhookEvent({ receivedAt: new Date(START) });
      worker.answer(() => SUCCEEDED);
      await consume();
      await engine.accept([arrival(event, 'a')]);
      await engine.attempted(event);

      await engine.prune({ events: new Date(START), bodies: new Date(START + 1) });

      expect(await engine.accept([arrival(event, 'a')])).toEqual([{ status: 'repeated' }]);
      await engine.attempted(event);
      expect(worker.runs).toHaveLength(1);
    });

    for (const endpoint of ['stripe', 'connect']) {
      it(`leaves an event that can still run for a handler it had not, when it comes again by ${endpoint}`, async () => {
        const { engine, worker, consume } = await startEngine(options);
        const event = webhookEvent({ receivedAt: new Date(START) });
        const rawBody = Buffer.from('as it comes again');
        worker.answer(() => SUCCEEDED);
        await consume();
        await engine.accept([arrival(event, 'a'), skippedArrival(event, 'c', 'no')]);
        await engine.attempted(event);
        await engine.prune({ events: new Date(START), bodies: new Date(START + 1) });

        await engine.accept([arrival({ ...event, endpoint, rawBody }, 'a', 'b', 'c')]);

        await engine.attempted(event);
        expect(await statuses(engine, event)).toEqual({
          a: 'succeeded',
          b: 'succeeded',
          c: 'succeeded',
        });
        const again = worker.runs.slice(1);
        expect(again.map(({ handler }) => handler).sort()).toEqual(['b', 'c']);
        for (const run of again) expect(run.event.rawBody.equals(rawBody)).toBe(true);
      });
    }
  });
}

/** Four events, by what is special about them, stored in the opposite order. */
async function storeExamples(engine: WebhookEngine): Promise<Record<string, WebhookEvent>> {
  const old = webhookEvent({ type: 'customer.deleted', receivedAt: new Date(START - 1) });
  const failed = webhookEvent({ type: 'customer.created', livemode: false });
  const dead = webhookEvent({ endpoint: 'connect', account: 'acct_1' });
  const tenant = webhookEvent({ source: 'tenant', id: 'evt_of_tenant' });
  await engine.accept([skippedArrival(old, 'b', 'no')]);
  await engine.accept([arrival(failed, 'b')]);
  await engine.accept([arrival(dead, 'a')]);
  await engine.accept([arrival(tenant)]);
  return { old, failed, dead, tenant };
}
