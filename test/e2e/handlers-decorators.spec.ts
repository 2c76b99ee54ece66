import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnWebhook } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

/** Wraps a method as transaction and tracing libraries do: a new function, without the old one's metadata. */
function Traced(trace: string[]): MethodDecorator {
  return (_target, _key, descriptor: PropertyDescriptor) => {
    const original = descriptor.value as (...args: unknown[]) => unknown;
    descriptor.value = async function traced(this: unknown, ...args: unknown[]) {
      trace.push('before');
      const result = await original.apply(this, args);
      trace.push('after');
      return result;
    };
  };
}

describe.each(ADAPTERS)('decorators on one method on %s', (adapter) => {
  it('makes one handler of several decorators, run once for an event that all of them want', async () => {
    @Injectable()
    class Invoices {
      readonly seen: string[] = [];

      @OnStripeEvent('invoice.paid')
      @OnStripeEvent('invoice.*')
      @OnWebhook('stripe', 'invoice.paid')
      record(event: Stripe.Event): void {
        this.seen.push(event.type);
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(deliveries).toHaveLength(1);
    expect(app.get(Invoices).seen).toEqual(['invoice.paid']);
  });

  it('wants an event that only one of the decorators wants', async () => {
    @Injectable()
    class Invoices {
      readonly seen: string[] = [];

      @OnStripeEvent('customer.created')
      @OnStripeEvent('invoice.paid')
      record(event: Stripe.Event): void {
        this.seen.push(event.type);
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

    await stripe().send(stripeEvent('invoice.paid'));
    await stripe().send(stripeEvent('customer.created'));
    await stripe().send(stripeEvent('customer.deleted'));

    expect(app.get(Invoices).seen).toEqual(['invoice.paid', 'customer.created']);
  });

  it('runs a method that a decorator above or below has wrapped', async () => {
    const trace: string[] = [];
    @Injectable()
    class Invoices {
      readonly seen: string[] = [];

      @OnStripeEvent('invoice.paid')
      @Traced(trace)
      wrappedBelow(): void {
        this.seen.push('below');
      }

      @Traced(trace)
      @OnStripeEvent('invoice.paid')
      wrappedAbove(): void {
        this.seen.push('above');
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

    const { status } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(app.get(Invoices).seen.sort()).toEqual(['above', 'below']);
    expect(trace.sort()).toEqual(['after', 'after', 'before', 'before']);
  });

  it('names a handler after its class and method, or as { id } says', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid')
      byName(): void {}

      @OnStripeEvent('invoice.paid', { id: 'invoices.extend' })
      byId(): void {}

      @OnStripeEvent('invoice.voided')
      @OnWebhook('stripe', 'invoice.paid', { id: 'invoices.stacked' })
      byStackedId(): void {}
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(deliveries.map(({ handler }) => handler).sort()).toEqual([
      'Invoices.byName',
      'invoices.extend',
      'invoices.stacked',
    ]);
  });
});
