import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Patterns {
  @OnStripeEvent('invoice.paid')
  exact(): void {}

  @OnStripeEvent(['invoice.paid', 'customer.created'])
  list(): void {}

  @OnStripeEvent('customer.subscription.*')
  prefix(): void {}

  @OnStripeEvent(['customer.*', 'payout.paid'])
  mixed(): void {}

  @OnStripeEvent('*')
  everything(): void {}
}

describe.each(ADAPTERS)('event types on %s', (adapter) => {
  it.each([
    ['invoice.paid', ['everything', 'exact', 'list']],
    ['customer.created', ['everything', 'list', 'mixed']],
    ['customer.subscription.updated', ['everything', 'mixed', 'prefix']],
    ['payout.paid', ['everything', 'mixed']],
    // An exact type is exact, and a prefix ends at its dot.
    ['invoice.paid.x', ['everything']],
    ['invoice.pai', ['everything']],
    ['invoice', ['everything']],
    ['Invoice.Paid', ['everything']],
    ['customers.created', ['everything']],
    ['customer', ['everything']],
    ['customer.subscriptions.updated', ['everything', 'mixed']],
  ])('gives %s to the handlers %j', async (type, expected) => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Patterns] });

    const { status, deliveries } = await stripe().send({ id: 'evt_1', type });

    expect(status).toBe(200);
    expect(deliveries.map(({ handler }) => handler).sort()).toEqual(
      expected.map((method) => `Patterns.${method}`),
    );
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__', 'prototype', 'then', '*'])(
    'answers 200 to the type %s, which nothing listens to',
    async (type) => {
      @Injectable()
      class Invoices {
        @OnStripeEvent('invoice.paid')
        onPaid(): void {}
      }
      const { stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

      const answer = await stripe().send({ id: 'evt_1', type });

      expect(answer).toMatchObject({ status: 200, body: { received: true }, deliveries: [] });
    },
  );

  it('answers 200 in an application without handlers', async () => {
    const { stripe } = await startWebhookApp({ adapter });

    const answer = await stripe().send(stripeEvent('invoice.paid'));

    expect(answer).toMatchObject({ status: 200, body: { received: true }, deliveries: [] });
  });

  it('gives types that the SDK does not know to @OnWebhook', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class BrandNew {
      @OnWebhook('stripe', ['invoice.brand_new', 'novelty.*'])
      record(event: { readonly id: string }, context: WebhookContext): void {
        seen.push([event.id, context.type, context.endpoint]);
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [BrandNew] });

    await stripe().send({ id: 'evt_1', type: 'invoice.brand_new' });
    await stripe().send({ id: 'evt_2', type: 'novelty.created' });
    await stripe().send({ id: 'evt_3', type: 'invoice.brand_new.x' });

    expect(seen).toEqual([
      ['evt_1', 'invoice.brand_new', 'stripe'],
      ['evt_2', 'novelty.created', 'stripe'],
    ]);
  });

  it('lets @OnWebhook listen to several endpoints, and to no other', async () => {
    const seen: string[] = [];
    @Injectable()
    class SomeEndpoints {
      @OnWebhook(['stripe', 'connect'], '*')
      record(_event: unknown, { endpoint }: WebhookContext): void {
        seen.push(endpoint);
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'connect' }, { name: 'other' }],
      providers: [SomeEndpoints],
    });

    await stripe().send(stripeEvent('invoice.paid'));
    await stripe('connect').send(stripeEvent('invoice.paid'));
    await stripe('other').send(stripeEvent('invoice.paid'));

    expect(seen).toEqual(['stripe', 'connect']);
  });
});
