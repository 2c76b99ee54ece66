import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Recorder {
  readonly seen: string[] = [];

  @OnStripeEvent('invoice.paid')
  onPaid(event: Stripe.Event): void {
    this.seen.push(event.id);
  }
}

describe.each(ADAPTERS)('finding handlers on %s', (adapter) => {
  it('finds the handlers of a provider', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });

    const { status } = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(status).toBe(200);
    expect(app.get(Recorder).seen).toEqual(['evt_1']);
  });

  it('finds the handlers of a controller', async () => {
    @Controller('billing')
    class BillingController extends Recorder {}
    const { app, stripe } = await startWebhookApp({ adapter, controllers: [BillingController] });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(app.get(BillingController).seen).toEqual(['evt_1']);
  });

  it.each([
    ['a factory', { provide: 'RECORDER', useFactory: () => new Recorder() }],
    ['a factory with a promise', { provide: 'RECORDER', useFactory: async () => new Recorder() }],
    ['a value', { provide: 'RECORDER', useValue: new Recorder() }],
    ['another class', { provide: 'RECORDER', useClass: Recorder }],
  ])('finds the handlers of an instance that comes from %s', async (_name, provider) => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [provider] });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(app.get<Recorder>('RECORDER').seen).toEqual(['evt_1']);
  });

  it('finds inherited methods, under the name of the class that is provided', async () => {
    @Injectable()
    class Invoices extends Recorder {}
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Invoices] });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(app.get(Invoices).seen).toEqual(['evt_1']);
    expect(deliveries.map(({ handler }) => handler)).toEqual(['Invoices.onPaid']);
  });

  it('takes an override without a decorator for no handler', async () => {
    @Injectable()
    class Silent extends Recorder {
      override onPaid(event: Stripe.Event): void {
        this.seen.push(`override ${event.id}`);
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Silent] });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(deliveries).toEqual([]);
    expect(app.get(Silent).seen).toEqual([]);
  });

  it("listens to an override's own types and not to those it overrides", async () => {
    @Injectable()
    class Changed extends Recorder {
      @OnStripeEvent('invoice.voided')
      override onPaid(event: Stripe.Event): void {
        this.seen.push(event.type);
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Changed] });

    await stripe().send(stripeEvent('invoice.paid'));
    await stripe().send(stripeEvent('invoice.voided'));

    expect(app.get(Changed).seen).toEqual(['invoice.voided']);
  });

  it('counts an alias of a provider once', async () => {
    const { app, logger, stripe } = await startWebhookApp({
      adapter,
      providers: [Recorder, { provide: 'ALIAS', useExisting: Recorder }],
    });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(deliveries).toHaveLength(1);
    expect(app.get(Recorder).seen).toEqual(['evt_1']);
    expect(logger.ofLevel('warn')).toEqual([]);
  });

  it('warns once of a class that two modules provide, and runs it once', async () => {
    const built: TwiceProvided[] = [];
    @Injectable()
    class TwiceProvided extends Recorder {
      constructor() {
        super();
        built.push(this);
      }
    }
    @Module({ providers: [TwiceProvided] })
    class OrdersModule {}
    @Module({ providers: [TwiceProvided] })
    class InvoicesModule {}
    const { logger, stripe } = await startWebhookApp({
      adapter,
      imports: [OrdersModule, InvoicesModule],
    });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(built.flatMap(({ seen }) => seen)).toEqual(['evt_1']);
    expect(deliveries).toHaveLength(1);
    expect(logger.ofLevel('warn')).toEqual([
      expect.stringMatching(/TwiceProvided is provided twice.*OrdersModule.*InvoicesModule/),
    ]);
  });

  it('says at start which handlers an endpoint has', async () => {
    const { logger } = await startWebhookApp({ adapter, providers: [Recorder] });

    expect(logger.ofLevel('log')).toContain(
      'Endpoint "stripe" (POST /webhooks/stripe): invoice.paid → Recorder.onPaid',
    );
  });
});
