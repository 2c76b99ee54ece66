import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, WebhookInbox, WebhookInboxAdmin } from '../../src/index.js';
import { OnStripeEvent, OnStripeNotification } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

/** What the tests use of a notification, whatever its type. */
interface Fetchable {
  readonly id: string;
  readonly type: string;
  readonly context?: { readonly segments: string[]; toString(): string };
  fetchEvent(): Promise<unknown>;
  fetchRelatedObject(): Promise<unknown>;
}

@Injectable()
class Recorder {
  readonly snapshots: string[] = [];
  readonly notifications: Fetchable[] = [];
  readonly untyped: string[] = [];

  @OnStripeEvent('*')
  onEvent({ type }: { readonly type: string }): void {
    this.snapshots.push(type);
  }

  @OnStripeNotification('*')
  onNotification(notification: object): void {
    this.notifications.push(notification as Fetchable);
  }

  @OnWebhook('stripe', 'v1.customer.*')
  onCustomer({ type }: { readonly type: string }): void {
    this.untyped.push(type);
  }
}

@Injectable()
class Fetching {
  fetched: unknown[] = [];

  @OnStripeNotification('v1.customer.created')
  async run(notification: object, { stripe }: StripeWebhookContext): Promise<void> {
    const fetchable = notification as Fetchable;
    this.fetched = [
      await fetchable.fetchEvent(),
      await fetchable.fetchRelatedObject(),
      await stripe.customers.retrieve('cus_2'),
    ];
  }
}

const customerCreated = (context?: string) =>
  stripeNotification('v1.customer.created', {
    id: 'evt_1',
    relatedObject: { id: 'cus_1', type: 'customer', url: '/v1/customers/cus_1' },
    ...(context !== undefined && { context }),
  });

describe.each(ADAPTERS)('Event notifications on %s', (adapter) => {
  let api: StripeApi;
  beforeEach(async () => {
    api = await startStripeApi();
  });
  afterEach(() => api.close());

  it('come by the same endpoint as snapshot events, each to its own handlers', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });

    const thin = await stripe().send(stripeNotification('v1.customer.created'));
    const snapshot = await stripe().send(stripeEvent('customer.created'));

    const recorder = app.get(Recorder);
    expect([thin.status, snapshot.status]).toEqual([200, 200]);
    expect(recorder.snapshots).toEqual(['customer.created']);
    expect(recorder.notifications.map(({ type }) => type)).toEqual(['v1.customer.created']);
    expect(recorder.untyped).toEqual(['v1.customer.created']);
  });

  it.each([
    ['a type that the SDK does not know', 'v9.brand.new'],
    ['a type with brackets', 'v2.core.account[configuration.merchant].updated'],
  ])('may be of %s', async (_what, type) => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });

    const { status } = await stripe().send(stripeNotification(type));

    expect(status).toBe(200);
    expect(app.get(Recorder).notifications).toMatchObject([{ type }]);
  });

  it('fetch event and object from Stripe, for the own account', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.client }],
      providers: [Fetching],
    });

    const { status } = await stripe().send(customerCreated());

    expect(status).toBe(200);
    expect(api.requests.map(({ url }) => url)).toEqual([
      '/v2/core/events/evt_1',
      '/v1/customers/cus_1',
      '/v1/customers/cus_2',
    ]);
    expect(api.requests.map(({ headers }) => headers['stripe-request-trigger'])).toEqual([
      'event=evt_1',
      'event=evt_1',
      undefined,
    ]);
    for (const { headers } of api.requests) {
      expect(headers).not.toHaveProperty('stripe-account');
      expect(headers).not.toHaveProperty('stripe-context');
    }
  });

  it.each(['acct_1', 'org_1/acct_1'])(
    'fetch for the context %s by its header alone, whatever the client is made for',
    async (sent) => {
      const { stripe } = await startWebhookApp({
        adapter,
        endpoints: [{ client: api.clientFor({ stripeAccount: 'acct_other' }) }],
        providers: [Fetching],
      });

      const { status } = await stripe().send(customerCreated(sent));

      expect(status).toBe(200);
      expect(api.requests).toHaveLength(3);
      for (const { headers } of api.requests) {
        expect(headers['stripe-context']).toBe(sent);
        expect(headers).not.toHaveProperty('stripe-account');
      }
    },
  );

  it('have a context and an account', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder, Accounts] });

    await stripe().send(customerCreated('org_1/acct_1'));

    const [notification] = app.get(Recorder).notifications;
    expect(notification?.context?.segments).toEqual(['org_1', 'acct_1']);
    expect(String(notification?.context)).toBe('org_1/acct_1');
    expect(app.get(Accounts).seen).toEqual(['acct_1']);
  });

  it('have no object to fetch where they are about none', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.client }],
      providers: [Recorder],
    });

    await stripe().send(stripeNotification('v1.account.application.authorized'));

    const [notification] = app.get(Recorder).notifications;
    expect(await notification?.fetchRelatedObject()).toBeNull();
    expect(api.requests).toEqual([]);
  });

  it('say how to give a client where there is none', async () => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Fetching] });

    const { status, deliveries } = await stripe().send(customerCreated());

    expect(status).toBe(500);
    expect(deliveries).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'stripe_client_unusable',
          message: expect.stringContaining('StripeWebhooksModule.forRoot({ client: new Stripe('),
        },
      },
    ]);
  });

  it('fetch as well in an attempt that is made of the raw body again', async () => {
    @Injectable()
    class Flaky {
      @OnStripeNotification('v1.customer.created')
      async run(notification: object, { attempt }: StripeWebhookContext): Promise<void> {
        if (attempt === 1) throw new Error('not yet');
        await (notification as Fetchable).fetchRelatedObject();
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.client }],
      providers: [Flaky],
    });
    await stripe().send(customerCreated('acct_1'));

    const { status } = await stripe().send(customerCreated('acct_1'));

    expect(status).toBe(200);
    expect(api.requests).toMatchObject([
      { url: '/v1/customers/cus_1', headers: { 'stripe-context': 'acct_1' } },
    ]);
  });

  it('of a ping are answered and stored, and reach only handlers that name it', async () => {
    const ping = stripeNotification('v2.core.event_destination.ping', { id: 'evt_ping' });
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder, Pinged] });

    const { status, deliveries } = await stripe().send(ping);

    expect(status).toBe(200);
    expect(app.get(Recorder).notifications).toEqual([]);
    expect(deliveries).toMatchObject([
      { handler: 'Pinged.onPing', status: 'succeeded' },
      { handler: 'Recorder.onEvent', status: 'skipped' },
      { handler: 'Recorder.onNotification', status: 'skipped' },
    ]);
    expect(await app.get(WebhookInbox).find('stripe', 'evt_ping')).toMatchObject({
      type: 'v2.core.event_destination.ping',
    });
  });

  it('arrive in an EventBridge envelope too', async () => {
    const { app } = await startWebhookApp({ adapter, providers: [Recorder] });
    const detail = customerCreated();

    await app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event: { id: 'eb', detail } });

    expect(app.get(Recorder).notifications).toMatchObject([{ id: 'evt_1' }]);
  });
});

@Injectable()
class Accounts {
  readonly seen: (string | undefined)[] = [];

  @OnStripeNotification('v1.customer.created')
  note(_notification: object, { account }: StripeWebhookContext): void {
    this.seen.push(account);
  }
}

@Injectable()
class Pinged {
  @OnStripeNotification('v2.core.event_destination.ping')
  onPing(): void {}
}
