import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Invoices {
  readonly ran: string[] = [];

  @OnStripeEvent('invoice.paid', { scope: 'any' })
  record(_event: object, { eventId, endpoint }: StripeWebhookContext): void {
    this.ran.push(`${eventId} by ${endpoint}`);
  }
}

const ACCOUNT_AND_CONNECT = [
  { scope: 'account' },
  { name: 'connect', scope: 'connect', livemode: true },
] as const;

describe.each(ADAPTERS)('the filters of endpoints on %s', (adapter) => {
  it('answers 200 to a test event at a live Connect endpoint, and skips it', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: ACCOUNT_AND_CONNECT,
      providers: [Invoices],
    });

    const { status, deliveries } = await stripe('connect').send(
      stripeEvent('invoice.paid', { account: 'acct_1', livemode: false }),
    );

    expect(status).toBe(200);
    expect(app.get(Invoices).ran).toEqual([]);
    expect(deliveries).toEqual([
      {
        handler: 'Invoices.record',
        endpoint: 'connect',
        status: 'skipped',
        attempts: 0,
        reason: 'endpoint "connect" is for live mode, and the event is of test mode',
      },
    ]);
  });

  it("skips another account's events at an endpoint for the own account, and the other way", async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: ACCOUNT_AND_CONNECT,
      providers: [Invoices],
    });

    const ofConnected = await stripe().send(stripeEvent('invoice.paid', { account: 'acct_1' }));
    const ofAccount = await stripe('connect').send(stripeEvent('invoice.paid', { livemode: true }));

    expect([ofConnected.status, ofAccount.status]).toEqual([200, 200]);
    expect([...ofConnected.deliveries, ...ofAccount.deliveries]).toMatchObject([
      {
        status: 'skipped',
        reason: 'endpoint "stripe" is for the own account, and the event is of a connected account',
      },
      {
        status: 'skipped',
        reason: 'endpoint "connect" is for connected accounts, and the event is of the own account',
      },
    ]);
    expect(app.get(Invoices).ran).toEqual([]);
  });

  it('runs an event that one endpoint skipped when another brings it that wants it', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: ACCOUNT_AND_CONNECT,
      providers: [Invoices],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1', account: 'acct_1', livemode: true });

    const skipped = await stripe().send(event);
    const wanted = await stripe('connect').send(event);
    const again = await stripe().send(event);

    expect(skipped.deliveries).toMatchObject([{ endpoint: 'stripe', status: 'skipped' }]);
    expect(wanted.deliveries).toEqual([
      { handler: 'Invoices.record', endpoint: 'connect', status: 'succeeded', attempts: 1 },
    ]);
    expect(again.deliveries).toEqual(wanted.deliveries);
    expect(app.get(Invoices).ran).toEqual(['evt_1 by connect']);
  });

  it('keeps a delivery that has run when another endpoint brings the event and skips it', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: ACCOUNT_AND_CONNECT,
      providers: [Invoices],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1', account: 'acct_1', livemode: true });

    await stripe('connect').send(event);
    const { status, deliveries } = await stripe().send(event);

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([{ endpoint: 'connect', status: 'succeeded', attempts: 1 }]);
    expect(app.get(Invoices).ran).toEqual(['evt_1 by connect']);
  });

  it('adds the delivery of a handler that only the second endpoint reaches', async () => {
    const ran: string[] = [];
    @Injectable()
    class ByEndpoint {
      @OnStripeEvent('invoice.paid', { endpoint: 'stripe' })
      own(): void {
        ran.push('own');
      }

      @OnStripeEvent('invoice.paid', { endpoint: 'second' })
      second(): void {
        ran.push('second');
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'second' }],
      providers: [ByEndpoint],
    });
    const event = stripeEvent('invoice.paid');

    await stripe().send(event);
    const { deliveries } = await stripe('second').send(event);

    expect(ran).toEqual(['own', 'second']);
    expect(deliveries).toMatchObject([
      { handler: 'ByEndpoint.own', endpoint: 'stripe', status: 'succeeded' },
      { handler: 'ByEndpoint.second', endpoint: 'second', status: 'succeeded' },
    ]);
  });

  it('runs an event for each source where endpoints have different ones', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'sandbox', source: 'stripe-sandbox' }],
      providers: [Invoices],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });

    await stripe().send(event);
    await stripe('sandbox').send(event);

    expect(app.get(Invoices).ran).toEqual(['evt_1 by stripe', 'evt_1 by sandbox']);
  });
});
