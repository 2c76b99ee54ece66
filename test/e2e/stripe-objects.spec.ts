import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeObject } from '../../src/stripe/index.js';
import type { StripeObject, StripeWebhookContext } from '../../src/stripe/index.js';
import { manualClock, stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { anyArrivals } from '../support/observe-arrivals.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi, StripeApiAnswer } from '../support/stripe-api.js';

type Subscription = StripeObject<'subscription'>;

@Injectable()
class Mirror {
  readonly seen: Subscription[] = [];
  running = 0;
  mostAtOnce = 0;

  @OnStripeObject('subscription')
  async mirror(subscription: Subscription, _context: StripeWebhookContext): Promise<void> {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    await setImmediate();
    this.seen.push(subscription);
    this.running -= 1;
  }
}

@Injectable()
class Choosy {
  readonly seen: string[] = [];

  @OnStripeObject('subscription', { on: ['created', 'past_due'], coalesceMs: 1_000 })
  mirror(subscription: Subscription): void {
    this.seen.push(subscription.id);
  }
}

const updated = (id = 'sub_1', account?: string) =>
  stripeEvent('customer.subscription.updated', {
    object: { id, status: 'active' },
    ...(account !== undefined && { account }),
  });

const thin = (action: string, context?: string, id = 'sub_1') =>
  stripeNotification(`v1.customer.subscription.${action}`, {
    relatedObject: { id, type: 'subscription', url: `/v1/subscriptions/${id}` },
    ...(context !== undefined && { context }),
  });

const present: StripeApiAnswer = {
  body: { id: 'sub_1', object: 'subscription', status: 'past_due' },
};
const missing: StripeApiAnswer = {
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such.' } },
};

describe.each(ADAPTERS)('Handlers of objects on %s', (adapter) => {
  const apis: StripeApi[] = [];
  afterEach(() => Promise.all(apis.splice(0).map((api) => api.close())));

  async function startApi(...given: Parameters<typeof startStripeApi>): Promise<StripeApi> {
    const api = await startStripeApi(...given);
    apis.push(api);
    return api;
  }

  async function start(api: StripeApi, provider: typeof Mirror | typeof Choosy = Mirror) {
    const clock = manualClock();
    const endpoints = [{ client: api.client }];
    return {
      ...(await startWebhookApp({ adapter, providers: [provider], endpoints, clock })),
      clock,
    };
  }

  it.each([
    ['a snapshot event', updated()],
    ['a notification', thin('updated')],
  ])('get the present state and not what %s says', async (_format, event) => {
    const api = await startApi(() => present);
    const { app, stripe } = await start(api);

    const { status, deliveries } = await stripe().send(event);

    expect([status, deliveries]).toEqual([
      200,
      [expect.objectContaining({ handler: 'Mirror.mirror', status: 'succeeded' })],
    ]);
    expect(app.get(Mirror).seen).toEqual([expect.objectContaining({ status: 'past_due' })]);
    expect(api.requests.map(({ url }) => url)).toEqual(['/v1/subscriptions/sub_1']);
  });

  it.each([
    ['a snapshot event', updated('sub_1', 'acct_1'), { 'stripe-account': 'acct_1' }],
    ['a notification', thin('updated', 'acct_1'), { 'stripe-context': 'acct_1' }],
  ])('fetch for the account of %s, by one header', async (_format, event, expected) => {
    const api = await startApi(() => present);
    const { stripe } = await start(api);

    await stripe().send(event);

    const { headers } = api.requests[0]!;
    expect({
      ...('stripe-account' in headers && { 'stripe-account': headers['stripe-account'] }),
      ...('stripe-context' in headers && { 'stripe-context': headers['stripe-context'] }),
    }).toEqual(expected);
  });

  it.each([
    ['that Stripe does not find', missing],
    ['that Stripe has as deleted', { body: { id: 'sub_1', object: 'x', deleted: true } }],
  ])('get an object %s as deleted', async (_what, answer) => {
    const api = await startApi(() => answer);
    const { app, stripe } = await start(api);

    await stripe().send(updated());
    await stripe().send(thin('deleted'));

    const deleted = { id: 'sub_1', deleted: true };
    expect(app.get(Mirror).seen).toEqual([deleted, deleted]);
  });

  it('fail, and are run again, when the object cannot be fetched', async () => {
    const answers: StripeApiAnswer[] = [
      { status: 500, body: { error: { type: 'api_error', message: 'Down.' } } },
      { status: 404, body: { error: { type: 'invalid_request_error', message: 'No such URL.' } } },
      present,
    ];
    const api = await startApi(() => answers.shift()!);
    const { app, stripe } = await start(api);
    const event = updated();

    const sent = [
      await stripe().send(event),
      await stripe().send(event),
      await stripe().send(event),
    ];

    expect(sent.map(({ status }) => status)).toEqual([500, 500, 200]);
    expect(app.get(Mirror).seen).toHaveLength(1);
  });

  it('run one at a time for one object, each event its own run', async () => {
    const api = await startApi((url) => ({
      body: { id: url.split('/').at(-1), object: 'subscription' },
    }));
    const { app, stripe } = await start(api);

    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        stripe().send(index % 2 === 0 ? updated() : thin('updated')),
      ),
    );

    const mirror = app.get(Mirror);
    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200));
    expect([mirror.mostAtOnce, mirror.seen.length]).toEqual([1, 10]);
  });

  it('run beside each other for different objects', async () => {
    const bothAsked = deferred();
    const asked: string[] = [];
    const api = await startApi(async (url) => {
      asked.push(url);
      if (asked.length === 2) bothAsked.resolve();
      await bothAsked.promise;
      return present;
    });
    const { stripe } = await start(api);

    const sent = await Promise.all([
      stripe().send(updated('sub_1')),
      stripe().send(updated('sub_2')),
    ]);

    expect(sent.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('have no delivery of events about other objects, or that are not asked for', async () => {
    const api = await startApi(() => present);
    const { stripe } = await start(api, Choosy);

    const sent = [
      await stripe().send(stripeEvent('customer.created')),
      await stripe().send(updated()),
      await stripe().send(stripeEvent('invoice.upcoming', { object: {} })),
    ];

    expect(sent.map(({ status, deliveries }) => [status, deliveries])).toEqual(
      sent.map(() => [200, []]),
    );
    expect(api.requests).toEqual([]);
  });

  it('are run once for a burst of events, after one fetch', async () => {
    const api = await startApi(() => present);
    const { app, stripe, clock } = await start(api, Choosy);

    const stored = anyArrivals(10);
    const sending = Array.from({ length: 10 }, (_, index) =>
      stripe().send(
        index % 2 === 0
          ? stripeEvent('customer.subscription.created', { object: { id: 'sub_1' } })
          : thin('past_due'),
      ),
    );
    await stored;
    await clock.advance(1_000);
    const sent = await Promise.all(sending);

    expect(sent.map(({ status }) => status)).toEqual(sent.map(() => 200));
    expect(app.get(Choosy).seen).toEqual(['sub_1']);
    expect(api.requests).toHaveLength(1);
  });

  it('may wait for a burst longer than they may run', async () => {
    const api = await startApi(() => present);
    const clock = manualClock();
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [Choosy],
      endpoints: [{ client: api.client }],
      inbox: { timeoutMs: 500 },
      clock,
    });

    const stored = anyArrivals(1);
    const sending = stripe().send(thin('past_due'));
    await stored;
    await clock.advance(1_000);

    expect((await sending).status).toBe(200);
  });

  it('run once for a change that comes in both formats', async () => {
    const api = await startApi(() => present);
    const { app, stripe } = await start(api);
    const snapshot = updated();

    await stripe().send(snapshot);
    const { deliveries } = await stripe().send(
      stripeNotification('v1.customer.subscription.updated', {
        relatedObject: { id: 'sub_1', type: 'subscription', url: '/v1/subscriptions/sub_1' },
        snapshotEvent: snapshot.id,
      }),
    );

    expect(deliveries.map(({ status }) => status)).toEqual(['skipped']);
    expect(app.get(Mirror).seen).toHaveLength(1);
  });

  it('skip the events that their filters turn away', async () => {
    @Injectable()
    class OfConnected {
      @OnStripeObject('subscription', { scope: 'connect' })
      mirror(): void {}
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [OfConnected] });

    const { deliveries } = await stripe().send(updated());

    expect(deliveries).toEqual([
      expect.objectContaining({
        status: 'skipped',
        reason: expect.stringContaining('for connected accounts'),
      }),
    ]);
  });

  it('need a client, and say how to give one', async () => {
    const { stripe, logger } = await startWebhookApp({ adapter, providers: [Mirror] });

    const { status } = await stripe().send(updated());

    expect(status).toBe(500);
    expect(logger.ofInbox('error').join()).toContain('needs a Stripe client');
  });
});
