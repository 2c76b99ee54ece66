import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { WebhookInbox } from '../../src/index.js';
import {
  OnStripeEvent,
  OnStripeNotification,
  OnStripeObject,
  StripeDestinations,
  StripeGenerationFailures,
} from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { HOUR_MS, startReconciledApp } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

const TYPE = 'v2.core.health.event_generation_failure.resolved';
const ALERT = 'evt_alert';
const STAND_IN = `ungenerated_${ALERT}`;
const INTENT = { id: 'pi_1', object: 'payment_intent', status: 'succeeded' };

@Injectable()
class Payments {
  readonly events: Stripe.Event[] = [];
  readonly contexts: StripeWebhookContext[] = [];
  readonly objects: unknown[] = [];
  readonly customers: unknown[] = [];

  @OnStripeEvent('payment_intent.requires_action', { scope: 'any' })
  onAction(event: Stripe.PaymentIntentRequiresActionEvent, context: StripeWebhookContext): void {
    this.events.push(event);
    this.contexts.push(context);
  }

  @OnStripeObject('payment_intent', { scope: 'any' })
  onIntent(intent: object): void {
    this.objects.push(intent);
  }

  @OnStripeNotification('v1.customer.updated', { scope: 'any' })
  async onCustomer(notification: Stripe.Events.V1CustomerUpdatedEventNotification): Promise<void> {
    this.customers.push(await notification.fetchRelatedObject());
  }
}

describe.each(ADAPTERS)('An event that Stripe could not make, on %s,', (adapter) => {
  async function start(impact: object, providers = [StripeGenerationFailures, Payments]) {
    const { api, client } = await openStripeAccount();
    const started = await startReconciledApp({ adapter, client, providers });
    const created = new Date(started.clock.now() - HOUR_MS / 2).toISOString();
    const alert = {
      ...stripeNotification('v1.customer.created', { id: ALERT }),
      type: TYPE,
      created,
    };
    api.addEvent({ ...alert, data: { impact } } as typeof alert);
    const { app, stripe } = started;
    return {
      ...started,
      api,
      payments: app.get(Payments),
      send: async () => (await stripe().send(alert)).status,
      stored: async (id: string) => (await app.get(WebhookInbox).find('stripe', id))!,
    };
  }

  function impactOn(object: { id: string; object: string }, event_type: string, url: string) {
    return { event_type, related_object: { id: object.id, type: object.object, url } };
  }

  it('runs its handlers once, with the object as it is now', async () => {
    const impact = impactOn(INTENT, 'payment_intent.requires_action', '/v1/payment_intents/pi_1');
    const { api, payments, send, stored } = await start(impact);
    api.serve('/v1/payment_intents/pi_1', INTENT);

    const statuses = [await send(), await send()];

    expect(statuses).toEqual([200, 200]);
    expect(payments.events).toMatchObject([
      { id: STAND_IN, type: 'payment_intent.requires_action', data: { object: INTENT } },
    ]);
    expect(payments.contexts).toMatchObject([{ arrivedBy: 'reconciled', account: undefined }]);
    expect(payments.objects).toMatchObject([INTENT]);
    expect((await stored(STAND_IN)).deliveries).toHaveLength(2);
  });

  it('is of the connected account that the alert names, whose object is fetched', async () => {
    const url = 'https://dashboard.stripe.com/payment_intents/pi_1';
    const impact = impactOn(INTENT, 'payment_intent.requires_action', url);
    const { api, payments, send } = await start({ ...impact, context: 'acct_1' });
    api.serve('/v1/payment_intents/pi_1', INTENT, { account: 'acct_1' });

    await send();

    expect(payments.events).toMatchObject([{ account: 'acct_1', data: { object: INTENT } }]);
  });

  it('may be a notification, whose handlers fetch for themselves', async () => {
    const customer = { id: 'cus_1', object: 'customer' };
    const impact = impactOn(customer, 'v1.customer.updated', '/v1/customers/cus_1');
    const { api, payments, send } = await start(impact);
    api.serve('/v1/customers/cus_1', customer);

    await send();

    expect(payments.customers).toMatchObject([customer]);
  });

  it('is left to people where its object is gone, or the alert says nothing of it', async () => {
    const gone = impactOn(INTENT, 'payment_intent.requires_action', '/v1/payment_intents/pi_1');
    const cases = [await start(gone), await start({})];

    for (const { send } of cases) await send();

    const deliveries = await Promise.all(
      cases.map(async ({ stored }) => (await stored(ALERT)).deliveries),
    );
    expect(deliveries).toMatchObject([
      [{ status: 'dead', error: { message: expect.stringContaining('pi_1') } }],
      [{ status: 'dead', error: { message: expect.stringContaining('Workbench') } }],
    ]);
    expect(cases.flatMap(({ payments }) => payments.events)).toEqual([]);
  });

  it('is not made where nobody listens to it', async () => {
    const impact = impactOn({ id: 'po_1', object: 'payout' }, 'payout.paid', '/v1/payouts/po_1');
    const { send, stored } = await start(impact);

    await send();

    expect((await stored(ALERT)).deliveries).toMatchObject([
      { status: 'skipped', reason: 'no handler listens to payout.paid of this account' },
    ]);
  });

  it('is tried again while Stripe fails', async () => {
    const impact = impactOn(INTENT, 'payment_intent.requires_action', '/v1/payment_intents/pi_1');
    const { api, payments, send } = await start(impact);
    api.serve('/v1/payment_intents/pi_1', INTENT);
    api.fail({ status: 500 }, { path: '/v1/payment_intents/pi_1' });

    const statuses = [await send(), await send()];

    expect(statuses).toEqual([500, 200]);
    expect(payments.events).toHaveLength(1);
  });

  it('is found by reconciling where the alert did not arrive either', async () => {
    const impact = impactOn(INTENT, 'payment_intent.requires_action', '/v1/payment_intents/pi_1');
    const { api, payments, reconciler } = await start(impact);
    api.serve('/v1/payment_intents/pi_1', INTENT);

    const { missed } = await reconciler.run({ accounts: [] });

    expect(missed).toMatchObject([{ id: ALERT, type: TYPE }]);
    expect(payments.events.map(({ id }) => id)).toEqual([STAND_IN]);
  });

  it('is what Stripe is asked to tell of, only where that is provided', async () => {
    const { app } = await start({});
    const { app: without } = await start({}, [Payments]);

    const typesOf = async (each: typeof app) => {
      const { destinations } = await each
        .get(StripeDestinations)
        .plan({ baseUrl: 'https://a.example' });
      return destinations.flatMap(({ types }) => types);
    };

    expect(await typesOf(app)).toContain(TYPE);
    expect(await typesOf(without)).not.toContain(TYPE);
  });
});
