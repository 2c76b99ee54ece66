import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { OnStripeEvent, STRIPE_CLIENT } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

@Injectable()
class Customers {
  @OnStripeEvent('invoice.paid', { scope: 'any' })
  async onPaid(_event: object, { stripe }: StripeWebhookContext): Promise<void> {
    await stripe.customers.retrieve('cus_1');
  }
}

const ownEvent = () => stripeEvent('invoice.paid');
const connectedEvent = () => stripeEvent('invoice.paid', { account: 'acct_1' });

describe.each(ADAPTERS)('context.stripe on %s', (adapter) => {
  let api: StripeApi;
  beforeEach(async () => {
    api = await startStripeApi();
  });
  afterEach(() => api.close());

  it("calls the API for the event's account, and for the own one without a header", async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.client }],
      providers: [Customers],
    });

    const connected = await stripe().send(connectedEvent());
    const own = await stripe().send(ownEvent());

    expect([connected.status, own.status]).toEqual([200, 200]);
    expect(api.requests.map(({ url }) => url)).toEqual(Array(2).fill('/v1/customers/cus_1'));
    expect(api.requests.map(({ headers }) => headers['stripe-account'])).toEqual([
      'acct_1',
      undefined,
    ]);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill('Bearer sk_test_1'),
    );
    expect(api.requests[0]?.headers['stripe-version']).toBe(
      api.requests[1]?.headers['stripe-version'],
    );
  });

  it('is the client that a module of the application provides as STRIPE_CLIENT', async () => {
    @Module({ providers: [{ provide: STRIPE_CLIENT, useFactory: () => api.client }] })
    class PaymentsModule {}
    const { stripe } = await startWebhookApp({
      adapter,
      imports: [PaymentsModule],
      providers: [Customers],
    });

    const { status } = await stripe().send(connectedEvent());

    expect(status).toBe(200);
    expect(api.requests.map(({ headers }) => headers['stripe-account'])).toEqual(['acct_1']);
  });

  it('is refused for a connected account where it is not a client of the SDK', async () => {
    const double = { customers: { retrieve: () => Promise.resolve({}) } };
    const { stripe } = await startWebhookApp({
      adapter,
      override: (builder) => builder.overrideProvider(STRIPE_CLIENT).useValue(double),
      providers: [Customers],
    });

    const own = await stripe().send(ownEvent());
    const connected = await stripe().send(connectedEvent());

    expect(own.status).toBe(200);
    expect(connected.deliveries).toMatchObject([
      {
        status: 'failed',
        error: { name: 'StripeClientError', message: expect.stringMatching('acct_1') },
      },
    ]);
  });

  it("is each endpoint's own client", async () => {
    const other = await startStripeApi();
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.client }, { name: 'other', client: other.client }],
      providers: [Customers],
    });

    await stripe().send(ownEvent());
    await stripe('other').send(ownEvent());
    await stripe('other').send(ownEvent());
    await other.close();

    expect(api.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(2);
  });

  it('fails the delivery without a client, with an error that says how to give one', async () => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Customers] });

    const { status, deliveries } = await stripe().send(ownEvent());

    expect(status).toBe(500);
    expect(deliveries[0]?.error).toEqual({
      name: 'StripeClientError',
      code: 'stripe_client_unusable',
      message:
        'context.stripe needs a Stripe client, and endpoint "stripe" has none. Give ' +
        'StripeWebhooksModule.forRoot({ client: new Stripe(apiKey), … }), or provide STRIPE_CLIENT.',
    });
  });

  it('needs no client where no handler asks for it', async () => {
    @Injectable()
    class Plain {
      @OnStripeEvent('invoice.paid')
      onPaid(): void {}
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Plain] });

    const { status } = await stripe().send(ownEvent());

    expect(status).toBe(200);
  });
});
