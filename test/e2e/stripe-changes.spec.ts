import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Subscriptions {
  @OnStripeEvent('customer.subscription.updated', { changed: 'status', to: 'past_due' })
  remind(): void {}

  @OnStripeEvent('customer.subscription.updated', { changed: ['status', 'cancel_at'] })
  record(): void {}

  @OnStripeEvent('customer.subscription.updated', { changed: 'cancellation_details.reason' })
  ask(): void {}
}

const updated = (object: object, previousAttributes: object) =>
  stripeEvent('customer.subscription.updated', { object, previousAttributes });

describe.each(ADAPTERS)('Handlers of changes on %s', (adapter) => {
  it.each([
    ['the status', updated({ status: 'past_due' }, { status: 'active' }), ['remind', 'record']],
    ['the status to another', updated({ status: 'active' }, { status: 'trialing' }), ['record']],
    ['another field', updated({ status: 'past_due', metadata: {} }, { metadata: {} }), []],
    [
      'a nested field',
      updated(
        { cancellation_details: { reason: 'x' } },
        { cancellation_details: { reason: null } },
      ),
      ['ask'],
    ],
  ])('get the events in which %s changed', async (_what, event, expected) => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Subscriptions] });

    const { status, deliveries } = await stripe().send(event);

    expect(status).toBe(200);
    expect(deliveries).toHaveLength(3);
    const ran = deliveries.filter((delivery) => delivery.status === 'succeeded');
    expect(ran.map(({ handler }) => handler.replace('Subscriptions.', ''))).toEqual(expected);
    for (const { reason } of deliveries.filter((delivery) => delivery.status === 'skipped')) {
      expect(reason).toMatch(/did not change$|changed to another value/);
    }
  });
});
