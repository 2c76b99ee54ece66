import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeClientRequest, StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

@Injectable()
class Customers {
  @OnStripeEvent('invoice.paid')
  async onPaid(_event: object, { stripe }: StripeWebhookContext): Promise<void> {
    await stripe.customers.retrieve('cus_1');
  }
}

describe.each(ADAPTERS)('The client of an endpoint on %s', (adapter) => {
  let api: StripeApi;
  beforeEach(async () => {
    api = await startStripeApi();
  });
  afterEach(() => api.close());

  it('may be chosen for each event, such as by its mode', async () => {
    const asked: StripeClientRequest[] = [];
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [
        {
          client: (request) => {
            asked.push(request);
            return api.clientFor({}, request.livemode ? 'sk_live_1' : 'sk_test_1');
          },
        },
      ],
      providers: [Customers],
    });

    await stripe().send(stripeEvent('invoice.paid', { livemode: true, account: 'acct_1' }));
    await stripe().send(stripeEvent('invoice.paid'));

    expect(asked).toEqual([
      { account: 'acct_1', context: undefined, livemode: true, endpoint: 'stripe' },
      { account: undefined, context: undefined, livemode: false, endpoint: 'stripe' },
    ]);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer sk_live_1',
      'Bearer sk_test_1',
    ]);
    expect(api.requests.map(({ headers }) => headers['stripe-account'])).toEqual([
      'acct_1',
      undefined,
    ]);
  });

  it.each([
    ['test', true, 'sk_test_1'],
    ['live', false, 'rk_live_1'],
  ])('is refused with a %s key for an event of the other mode', async (mode, livemode, key) => {
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.clientFor({}, key) }],
      providers: [Customers],
    });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid', { livemode }));

    expect(deliveries).toMatchObject([
      {
        status: 'failed',
        error: {
          code: 'stripe_client_unusable',
          message: expect.stringContaining(`has a ${mode} key`),
        },
      },
    ]);
    expect(JSON.stringify(deliveries)).not.toContain(key);
    expect(api.requests).toEqual([]);
  });

  it('may have a key that does not say its mode', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ client: api.clientFor({}, 'sk_org_1') }],
      providers: [Customers],
    });

    const { status } = await stripe().send(stripeEvent('invoice.paid', { livemode: true }));

    expect(status).toBe(200);
  });
});
