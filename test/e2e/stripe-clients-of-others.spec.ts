import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

@Injectable()
class Refunds {
  @OnStripeEvent('invoice.paid', { scope: 'any' })
  async look(_event: object, { stripe }: StripeWebhookContext): Promise<void> {
    await stripe.customers.retrieve('cus_1');
  }
}

describe.each(ADAPTERS)('An endpoint without a client beside one that has one on %s', (adapter) => {
  let api: StripeApi;
  beforeEach(async () => {
    api = await startStripeApi();
  });
  afterEach(() => api.close());

  it('uses it where both are of one source', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [Refunds],
      endpoints: [{ client: api.client }, { name: 'connect' }],
    });

    const { status } = await stripe('connect').send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(api.requests).toHaveLength(1);
  });

  it('never uses the one of another source, which may be another party', async () => {
    const { stripe, logger } = await startWebhookApp({
      adapter,
      providers: [Refunds],
      endpoints: [{ client: api.client }, { name: 'tenant', source: 'tenant' }],
    });

    const { status } = await stripe('tenant').send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(api.requests).toEqual([]);
    expect(logger.ofInbox('error').join()).toContain('endpoint "tenant" has none');
  });
});
