import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeObject } from '../../src/stripe/index.js';
import type { StripeObject } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

@Injectable()
class Mirror {
  readonly seen: StripeObject<'customer'>[] = [];

  @OnStripeObject('customer')
  mirror(customer: StripeObject<'customer'>): void {
    this.seen.push(customer);
  }
}

/** The key of an organization does not say its mode. */
const ORGANIZATION_KEY = 'sk_org_1';

describe.each(ADAPTERS)('An object that the key cannot see on %s', (adapter) => {
  let api: StripeApi;
  afterEach(() => api.close());

  it.each([
    "No such customer: 'cus_1'; a similar object exists in test mode, but a live mode key was used to make this request.",
    "No such customer: 'cus_1'; a similar object exists in live mode, but a test mode key was used to make this request.",
  ])('is not taken for deleted: %s', async (message) => {
    const error = { type: 'invalid_request_error', code: 'resource_missing', message };
    api = await startStripeApi(() => ({ status: 404, body: { error } }));
    const { app, stripe } = await startWebhookApp({
      adapter,
      providers: [Mirror],
      endpoints: [{ client: api.clientFor({}, ORGANIZATION_KEY) }],
    });

    const { status, deliveries } = await stripe().send(
      stripeEvent('customer.updated', { object: { id: 'cus_1' } }),
    );

    expect(app.get(Mirror).seen).toEqual([]);
    expect(status).toBe(500);
    expect(deliveries).toMatchObject([{ status: 'failed', error: { message } }]);
  });
});
