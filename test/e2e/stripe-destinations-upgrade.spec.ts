import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent, StripeDestinations } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import type { StripeAccount } from '../support/stripe-account.js';

@Injectable()
class Invoices {
  readonly paid: string[] = [];

  @OnStripeEvent('invoice.paid')
  onPaid(event: Stripe.InvoicePaidEvent): void {
    this.paid.push(event.id);
  }
}

const BASE_URL = 'https://app.example';
const OLD_VERSION = '2025-09-30.clover';

describe.each(ADAPTERS)('An upgrade of the API version on %s', (adapter) => {
  /** An account whose destination was made by an application with an older SDK. */
  async function openOldAccount(): Promise<StripeAccount> {
    const account = await openStripeAccount();
    await account.client.v2.core.eventDestinations.create({
      name: 'ours',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      snapshot_api_version: OLD_VERSION,
      enabled_events: ['invoice.paid'],
      events_from: ['@self'],
      webhook_endpoint: { url: `${BASE_URL}/webhooks/stripe` },
      metadata: { nestjs_webhook_inbox: 'stripe' },
    });
    return account;
  }

  function start({ client }: Pick<StripeAccount, 'client'>) {
    return startWebhookApp({
      adapter,
      endpoints: [{ client, secrets: { current: 'whsec_new', previous: 'whsec_old' } }],
      providers: [Invoices],
    });
  }

  it('is left to upgrade, which makes a second destination beside the first', async () => {
    const account = await openOldAccount();
    const { app } = await start(account);
    const destinations = app.get(StripeDestinations);

    const applied = await destinations.apply({ baseUrl: BASE_URL });
    const upgraded = await destinations.upgrade({ baseUrl: BASE_URL, onSecret: () => {} });
    const again = await destinations.upgrade({ baseUrl: BASE_URL, onSecret: () => {} });

    expect(applied.changes).toEqual([]);
    expect(applied.plan.destinations[0]!.findings).toMatchObject([{ code: 'api_version' }]);
    expect(upgraded.changes).toMatchObject([{ change: 'created', destination: 'ed_test_2' }]);
    expect(again.changes).toEqual([]);
    expect(again.plan.destinations[0]!.findings).toMatchObject([{ code: 'upgrade_unfinished' }]);
    expect(account.api.eventDestinations).toMatchObject([
      { snapshot_api_version: OLD_VERSION, status: 'enabled' },
      { snapshot_api_version: account.client.getApiField('version'), status: 'enabled' },
    ]);
  });

  it('runs an event that both destinations send once', async () => {
    const { app, stripe } = await start(await openOldAccount());
    const event = stripeEvent('invoice.paid');

    const statuses = await Promise.all(
      ['current', 'previous'].map(async (secretLabel) => {
        const { status } = await stripe().send(event, { secretLabel });
        return status;
      }),
    );

    expect(statuses).toEqual([200, 200]);
    expect(app.get(Invoices).paid).toEqual([event.id]);
  });

  it('is finished by disabling the first, and not before the second is there', async () => {
    const account = await openOldAccount();
    const destinations = (await start(account)).app.get(StripeDestinations);

    const tooEarly = await destinations.upgrade({ baseUrl: BASE_URL, finish: true });
    await destinations.upgrade({ baseUrl: BASE_URL, onSecret: () => {} });
    const finished = await destinations.upgrade({ baseUrl: BASE_URL, finish: true });
    const { isInStep } = await destinations.plan({ baseUrl: BASE_URL });

    expect(tooEarly.changes).toEqual([]);
    expect(finished.changes).toMatchObject([{ change: 'retired', destination: 'ed_test_1' }]);
    expect(isInStep).toBe(true);
    expect(account.api.eventDestinations.map(({ status }) => status)).toEqual([
      'disabled',
      'enabled',
    ]);
  });

  it.each([
    ['20', ['self']],
    ['21', ['@self']],
    ['22', ['@self']],
  ])('works with stripe %s, whose version it takes', async (major, eventsFrom) => {
    // By a name that the compiler does not see: the types of one version would stand in for the others'.
    const name = `stripe-${major}`;
    const { default: Sdk } = (await import(name)) as { default: typeof Stripe };
    const account = await openOldAccount();
    const client = new Sdk('sk_test_1', account.api.clientOptions);
    const destinations = (await start({ client })).app.get(StripeDestinations);

    await destinations.upgrade({ baseUrl: BASE_URL, onSecret: () => {} });
    await destinations.upgrade({ baseUrl: BASE_URL, finish: true });
    const { isInStep } = await destinations.plan({ baseUrl: BASE_URL });

    expect(isInStep).toBe(true);
    expect(account.api.eventDestinations.at(-1)).toMatchObject({
      snapshot_api_version: client.getApiField('version'),
      events_from: eventsFrom,
    });
  });
});
