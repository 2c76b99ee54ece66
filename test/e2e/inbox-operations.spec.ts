import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  EventQueryError,
  memoryEngine,
  NonRetriableError,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

@Injectable()
class Orders {
  readonly runs: string[] = [];
  readonly keys: string[] = [];
  error: Error | undefined;

  @OnStripeEvent('invoice.paid')
  async fulfil({ id }: { readonly id: string }, context: WebhookContext): Promise<void> {
    this.runs.push(`${id} ${context.attempt} ${context.replays}`);
    this.keys.push(context.idempotencyKey());
    if (this.error) throw this.error;
  }
}

@Injectable()
class Newer {
  readonly runs: string[] = [];

  @OnStripeEvent('invoice.paid', { livemode: false })
  async book({ id }: { readonly id: string }): Promise<void> {
    this.runs.push(id);
  }
}

async function start(adapter: Adapter, engine = memoryEngine({ keepBodies: true })) {
  const clock = manualClock();
  const started = await startWebhookApp({ adapter, providers: [Orders], inbox: { engine }, clock });
  const { app } = started;
  const [inbox, admin, orders] = [
    app.get(WebhookInbox),
    app.get(WebhookInboxAdmin),
    app.get(Orders),
  ];
  /** Resolves when nothing is pending or running any more. */
  const settled = async (id: string) => engine.attempted({ source: 'stripe', id });
  return { ...started, clock, inbox, admin, orders, settled };
}

const paid = (id: string, account?: string) =>
  stripeEvent('invoice.paid', { id, ...(account !== undefined && { account }) });

describe.each(ADAPTERS)('The inbox on %s', (adapter) => {
  it('lists what came in, with account and mode', async () => {
    const { inbox, stripe } = await start(adapter);
    await stripe().send(paid('evt_1'));
    await stripe().send(paid('evt_2', 'acct_1'));
    await stripe().send(stripeEvent('customer.created', { id: 'evt_3' }));

    const { events } = await inbox.list({ type: 'invoice.*', account: 'acct_1' });

    expect((await inbox.list()).events.map(({ id }) => id)).toEqual(['evt_3', 'evt_2', 'evt_1']);
    expect(events).toEqual([
      expect.objectContaining({
        id: 'evt_2',
        account: 'acct_1',
        livemode: false,
        arrivedBy: 'http',
        deliveries: [expect.objectContaining({ handler: 'Orders.fulfil', status: 'succeeded' })],
      }),
    ]);
  });

  it.each([
    ['limit must be', { limit: 0 }],
    ['limit must be', { limit: 1001 }],
    ['cursor must be', { cursor: 'x' }],
    ['status must be one of', { status: 'done' as 'dead' }],
    ['since must be', { since: new Date('never') }],
    ['until must be', { until: '2026' as never }],
    ['type must be', { type: 'invoice*' }],
  ])('refuses to list what cannot be asked for: %s', async (says, query) => {
    const { inbox } = await start(adapter);

    const listing = inbox.list(query);

    await expect(listing).rejects.toThrow(EventQueryError);
    await expect(listing).rejects.toThrow(says);
  });

  it('says how it is doing, for a health check too', async () => {
    const { inbox, stripe, orders, clock } = await start(adapter);
    await stripe().send(paid('evt_1'));
    orders.error = new Error('No.');
    await stripe().send(paid('evt_2'));
    orders.error = new NonRetriableError('Never.');
    await stripe().send(paid('evt_3'));
    await clock.advance(90_000);

    const stats = await inbox.stats();
    const health = await Promise.all([
      inbox.health(),
      inbox.health({ maxOldestMs: 90_000, maxDead: 1 }),
      inbox.health({ maxOldestMs: 89_999 }),
      inbox.health({ maxDead: 0 }),
    ]);

    expect(stats).toMatchObject({
      deliveries: { succeeded: 1, failed: 1, dead: 1 },
      oldestUnfinishedMs: 90_000,
      lastMinute: { receivedEvents: 0, settledDeliveries: 0 },
    });
    expect(health.map(({ webhookInbox }) => webhookInbox.status)).toEqual([
      'up',
      'up',
      'down',
      'down',
    ]);
  });

  it('replays what is dead, with the same idempotency key', async () => {
    const { admin, inbox, stripe, orders, settled } = await start(adapter);
    await stripe().send(paid('evt_good'));
    orders.error = new NonRetriableError('Never.');
    await stripe().send(paid('evt_dead'));
    orders.error = undefined;

    const report = await admin.replay({ status: 'dead', type: 'invoice.*' });

    await settled('evt_dead');
    expect(report).toEqual({ events: 1, deliveries: 1, withoutBody: 0, skipped: 0, unverified: 0 });
    expect(orders.runs).toEqual(['evt_good 1 0', 'evt_dead 1 0', 'evt_dead 1 1']);
    expect(orders.keys[2]).toBe(orders.keys[1]);
    expect((await inbox.find('stripe', 'evt_dead'))?.deliveries).toMatchObject([
      { status: 'succeeded', replays: 1 },
    ]);
  });

  it('replays what has succeeded, event by event of many pages', async () => {
    const { admin, stripe, orders, settled } = await start(adapter);
    const ids = Array.from({ length: 250 }, (_, index) => `evt_${index}`);
    await Promise.all(ids.map((id) => stripe().send(paid(id))));

    const report = await admin.replay({ type: 'invoice.paid' });

    await Promise.all(ids.map(settled));
    expect(report).toMatchObject({ events: 250, deliveries: 250 });
    expect(orders.runs.slice(250).sort()).toEqual(ids.map((id) => `${id} 1 1`).sort());
  });

  it('only says what it would replay in a dry run', async () => {
    const { admin, stripe, orders } = await start(adapter);
    await stripe().send(paid('evt_1'));

    const report = await admin.replay({ id: 'evt_1' }, { dryRun: true });

    expect(report).toEqual({ events: 1, deliveries: 1, withoutBody: 0, skipped: 0, unverified: 0 });
    expect(orders.runs).toHaveLength(1);
  });

  it('says what it cannot replay because the body is not kept', async () => {
    const { admin, stripe } = await start(adapter, memoryEngine());
    await stripe().send(paid('evt_1'));

    const reports = [
      await admin.replay({ id: 'evt_1' }, { dryRun: true }),
      await admin.replay({ id: 'evt_1' }),
    ];

    expect(reports).toEqual(
      reports.map(() => ({ events: 1, deliveries: 0, withoutBody: 1, skipped: 0, unverified: 0 })),
    );
  });

  it('gives newer handlers what they never got, where their filters want it', async () => {
    const engine = memoryEngine({ keepBodies: true });
    const before = await start(adapter, engine);
    await before.stripe().send(paid('evt_test'));
    await before.stripe().send({ ...paid('evt_live'), livemode: true });
    await before.stripe().send(stripeEvent('customer.created', { id: 'evt_other' }));
    await before.app.close();
    const { app } = await startWebhookApp({
      adapter,
      providers: [Orders, Newer],
      inbox: { engine },
    });

    const report = await app
      .get(WebhookInboxAdmin)
      .replay({ source: 'stripe', status: 'dead' }, { handlers: ['Newer.book'] });

    await engine.attempted({ source: 'stripe', id: 'evt_test' });
    expect(report).toMatchObject({ events: 1, deliveries: 1 });
    expect(app.get(Newer).runs).toEqual(['evt_test']);
    expect(app.get(Orders).runs).toEqual([]);
  });

  it('checks signatures again when it is told to, as of the time of receipt', async () => {
    const engine = memoryEngine({ keepBodies: true });
    const before = await start(adapter, engine);
    await before.stripe().send(paid('evt_1'));
    await before.app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event: paid('evt_2') });
    await before.clock.advance(10 * 24 * 60 * 60 * 1000);
    const still = await before.admin.replay({ source: 'stripe' }, { verify: true, dryRun: true });
    await before.app.close();
    const { app } = await startWebhookApp({
      adapter,
      providers: [Orders],
      endpoints: [{ secrets: 'whsec_another' }],
      inbox: { engine },
    });

    const report = await app
      .get(WebhookInboxAdmin)
      .replay({ source: 'stripe' }, { verify: true, dryRun: true });

    expect(still).toMatchObject({ events: 2, unverified: 0 });
    expect(report).toMatchObject({ events: 1, unverified: 1 });
  });

  it('replays what came by an endpoint that is gone only where nothing has to be asked of it', async () => {
    const engine = memoryEngine({ keepBodies: true });
    const before = await start(adapter, engine);
    await before.stripe().send(paid('evt_1'));
    await before.app.close();
    const { app } = await startWebhookApp({
      adapter,
      providers: [Orders],
      endpoints: [{ name: 'other' }],
      inbox: { engine },
    });
    const admin = app.get(WebhookInboxAdmin);

    const reports = [
      await admin.replay({ id: 'evt_1' }, { verify: true, dryRun: true }),
      await admin.replay({ id: 'evt_1' }, { handlers: ['Orders.fulfil'], dryRun: true }),
    ];

    expect(reports).toMatchObject([
      { deliveries: 0, unverified: 1 },
      { deliveries: 1, unverified: 0 },
    ]);
  });

  it.each([
    ['needs to be told what to replay', {}, {}],
    ['needs to be told what to replay', { type: undefined as never }, {}],
    ['not both', { handler: 'Orders.fulfil' }, { handlers: ['Orders.fulfil'] }],
    ['no handler Orders.gone', { id: 'evt_1' }, { handlers: ['Orders.gone'] }],
    ['status must be one of', { status: 'x' as 'dead' }, {}],
  ])('refuses a replay that %s', async (says, filter, options) => {
    const { admin } = await start(adapter);

    const replaying = admin.replay(filter, options);

    await expect(replaying).rejects.toThrow(EventQueryError);
    await expect(replaying).rejects.toThrow(says);
  });

  it('retries a failed delivery now', async () => {
    const { admin, stripe, orders, settled } = await start(adapter);
    orders.error = new Error('Not yet.');
    await stripe().send(paid('evt_1'));
    orders.error = undefined;
    const delivery = { source: 'stripe', eventId: 'evt_1', handler: 'Orders.fulfil' };

    const answers = [await admin.retryNow(delivery), await admin.retryNow(delivery)];

    await settled('evt_1');
    expect(answers).toEqual([true, false]);
    expect(orders.runs).toEqual(['evt_1 1 0', 'evt_1 2 0']);
  });

  it('runs nothing of a paused handler, answers 500, and runs it all when it is resumed', async () => {
    const { admin, inbox, stripe, orders, settled } = await start(adapter);
    await admin.pause('Orders.fulfil');

    const { status } = await stripe().send(paid('evt_1'));

    expect(status).toBe(500);
    expect(orders.runs).toEqual([]);
    expect((await inbox.stats()).paused).toEqual(['Orders.fulfil']);
    await admin.resume('Orders.fulfil');
    await settled('evt_1');
    expect(orders.runs).toEqual(['evt_1 1 0']);
    expect((await stripe().send(paid('evt_1'))).status).toBe(200);
    expect(orders.runs).toHaveLength(1);
  });

  it('pauses no handler that there is not', async () => {
    const { admin } = await start(adapter);

    await expect(admin.pause('Orders.typo')).rejects.toThrow('There is no handler Orders.typo');
  });
});
