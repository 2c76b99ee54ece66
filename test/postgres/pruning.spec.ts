import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { WebhookInbox, WebhookInboxAdmin } from '../../src/index.js';
import type { WebhookInboxOptions } from '../../src/index.js';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookApp } from '../support/build-webhook-app.js';
import { watchedClock } from '../support/watched-clock.js';
import type { WatchedClock } from '../support/watched-clock.js';
import { arrival, FAILED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, testPool } from './test-schema.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe.each(ADAPTERS)('an application on PostgreSQL with %s', (adapter) => {
  const start = (inbox: WebhookInboxOptions, clock: WatchedClock): Promise<WebhookApp> =>
    startWebhookApp({ adapter, inbox, clock });

  it('forgets bodies and then events by itself, a minute after its start and every hour', async () => {
    const clock = watchedClock();
    const { pool, schema } = createTestSchema();
    const options = { engine: postgresEngine({ pool, schema }), keepBodiesDays: 1, keepIdsDays: 2 };
    const { app, stripe } = await start(options, clock);
    const { id } = stripeEvent('invoice.paid');
    await stripe().send({ ...stripeEvent('invoice.paid'), id });
    const inbox = app.get(WebhookInbox);
    const bodies = async (): Promise<number> =>
      (await testPool().query(`SELECT count(raw_body)::int AS count FROM ${schema}.webhook_event`))
        .rows[0].count;

    await pruneAfter(clock, MINUTE_MS);
    expect(await bodies()).toBe(1);
    await pruneAfter(clock, DAY_MS - 2 * MINUTE_MS);
    await pruneAfter(clock, HOUR_MS);
    expect(await bodies()).toBe(0);
    expect(await inbox.find('stripe', id)).toMatchObject({ id });
    await pruneAfter(clock, DAY_MS - HOUR_MS);
    await pruneAfter(clock, HOUR_MS);
    expect(await inbox.find('stripe', id)).toBeUndefined();
  });

  it('forgets on demand, and says how much', async () => {
    const clock = watchedClock();
    const options = { engine: postgresEngine(createTestSchema()), worker: false };
    const { app, stripe } = await start(options, clock);
    await stripe().send(stripeEvent('invoice.paid'));
    await clock.advance(31 * DAY_MS);

    expect(await app.get(WebhookInboxAdmin).prune()).toEqual({ bodies: 1, events: 0 });
    await clock.advance(5 * DAY_MS);
    expect(await app.get(WebhookInboxAdmin).prune()).toEqual({ bodies: 0, events: 1 });
  });

  it('leaves no timer behind', async () => {
    const clock = watchedClock();
    const { app } = await start({ engine: postgresEngine(createTestSchema()) }, clock);
    expect(clock.pendingDelaysMs()).toContain(MINUTE_MS);

    await app.close();

    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('sets no timer in memory, whose own bounds say what is forgotten', async () => {
    const clock = watchedClock();

    await start({}, clock);

    expect(clock.pendingDelaysMs()).toEqual([]);
  });
});

describe('pruning', () => {
  const LATER = { bodies: new Date(), events: new Date() };

  it('is left to the process that does it already', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    await engine.accept([arrival(webhookEvent())]);
    const other = await testPool().connect();
    await other.query('BEGIN');
    await other.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('nestjs-webhook-inbox:prune:' || $1::text, 0))`,
      [schema],
    );

    expect(await engine.prune(LATER)).toEqual({ bodies: 0, events: 0 });

    await other.query('ROLLBACK');
    other.release();
    expect(await engine.prune(LATER)).toEqual({ bodies: 1, events: 1 });
    await engine.stop();
  });

  it('leaves an event that is made due while it is looked at', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const [settled, dueAgain] = [webhookEvent(), webhookEvent()];
    await engine.accept([arrival(settled), arrival(dueAgain, 'a')]);
    await testPool().query(`UPDATE ${schema}.webhook_delivery SET status = 'dead'`);
    const replaying = await testPool().connect();
    await replaying.query('BEGIN');
    await replaying.query(
      `SELECT 1 FROM ${schema}.webhook_event WHERE event_id = $1 FOR KEY SHARE`,
      [dueAgain.id],
    );

    expect(await engine.prune(LATER)).toEqual({ bodies: 1, events: 1 });

    await replaying.query('ROLLBACK');
    replaying.release();
    expect(await engine.load(dueAgain)).toBeDefined();
    await engine.stop();
  });

  it.each([
    { batch: 'a statement', deliveries: [], status: 'accepted', prunings: 1 },
    // What is in a lane is stored in a transaction, which is done again.
    {
      batch: 'a transaction',
      deliveries: [{ handler: 'a', lane: 'lane' }],
      status: 'repeated',
      prunings: 2,
    },
  ])(
    'that takes an event while it comes again with others in $batch loses none of them',
    async ({ deliveries, status, prunings }) => {
      const { pool, schema } = createTestSchema();
      const engine = postgresEngine({ pool, schema });
      await engine.start({ clock: systemClock });
      const [event, neighbour] = [webhookEvent(), webhookEvent()];
      await engine.accept([arrival(event)]);
      // In the middle of storing: it was found there, and is not looked up yet. Of a rollback, a sequence knows
      // nothing.
      await testPool().query(`
        CREATE SEQUENCE ${schema}.times;
        CREATE FUNCTION ${schema}.prune() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          DELETE FROM ${schema}.webhook_event
          WHERE event_id = '${event.id}' AND nextval('${schema}.times') = 1;
          RETURN NULL; END $$;
        CREATE TRIGGER prune AFTER INSERT ON ${schema}.webhook_event FOR EACH ROW
          WHEN (NEW.event_id = '${neighbour.id}') EXECUTE FUNCTION ${schema}.prune()`);

      const acceptances = await engine.accept([arrival(event), { event: neighbour, deliveries }]);

      expect(acceptances).toEqual([{ status }, { status: 'accepted' }]);
      expect(await engine.find(event)).toBeDefined();
      const { rows } = await testPool().query(`SELECT last_value::int FROM ${schema}.times`);
      expect(rows).toEqual([{ last_value: prunings }]);
      await engine.stop();
    },
  );

  it('keeps what has failed for as long as it may be retried, however much of it there is', async () => {
    const engine = postgresEngine(createTestSchema());
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(() => ({ ...FAILED, retryAt: new Date(Date.now() + DAY_MS) }));
    await engine.consume(worker.run, { concurrency: 64 });
    const failed = Array.from({ length: 600 }, () => webhookEvent());
    await engine.accept(failed.map((event) => arrival(event, 'a')));
    await Promise.all(failed.map((event) => engine.attempted(event)));

    expect(await engine.prune(LATER)).toEqual({ bodies: 0, events: 0 });

    await engine.stop();
  });
});

/** Lets the timer of that delay fire, and resolves when the next pruning is planned. */
async function pruneAfter(clock: WatchedClock, delayMs: number): Promise<void> {
  const isPlanned = clock.whenSet(HOUR_MS);
  await clock.advance(delayMs);
  await isPlanned;
}
