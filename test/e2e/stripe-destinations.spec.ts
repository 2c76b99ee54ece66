import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import {
  OnStripeEvent,
  OnStripeNotification,
  OnStripeObject,
  StripeDestinations,
} from '../../src/stripe/index.js';
import type { NewStripeSecret } from '../../src/stripe/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { addForeignDestinations, openStripeAccount } from '../support/stripe-account.js';
import type { StripeAccount } from '../support/stripe-account.js';

@Injectable()
class Handlers {
  @OnStripeEvent('invoice.paid')
  onPaid(): void {}

  @OnStripeEvent('customer.tax_id.*')
  onTaxId(): void {}

  @OnStripeObject('refund', { on: ['created', 'failed'] })
  onRefund(): void {}

  @OnStripeNotification('v2.core.account.created')
  onAccount(): void {}

  @OnWebhook('stripe', 'invoice.newer_than_the_sdk')
  onNew(): void {}
}

const BASE_URL = 'https://app.example';
const URL = `${BASE_URL}/webhooks/stripe`;
const SNAPSHOT_TYPES = [
  'customer.tax_id.created',
  'customer.tax_id.deleted',
  'customer.tax_id.updated',
  'invoice.newer_than_the_sdk',
  'invoice.paid',
  'refund.created',
  'refund.failed',
];

describe.each(ADAPTERS)('Destinations in Stripe, from the handlers, on %s', (adapter) => {
  async function start(account: StripeAccount) {
    const { app, logger } = await startWebhookApp({
      adapter,
      endpoints: [{ client: account.client }],
      providers: [Handlers],
    });
    return { destinations: app.get(StripeDestinations), logger };
  }

  it('are planned with exact types, one for each format', async () => {
    const account = await openStripeAccount();
    const { destinations } = await start(account);

    const plan = await destinations.plan({ baseUrl: `${BASE_URL}/` });

    expect(plan.isInStep).toBe(false);
    expect(plan.destinations).toMatchObject([
      { url: URL, format: 'snapshot', types: SNAPSHOT_TYPES, action: 'create', ofConnect: false },
      { url: URL, format: 'notification', types: ['v2.core.account.created'], action: 'create' },
    ]);
    expect(account.api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('are made once, with each secret handed over once and told nowhere else', async () => {
    const account = await openStripeAccount();
    const { destinations, logger } = await start(account);
    const secrets: NewStripeSecret[] = [];
    const apply = () =>
      destinations.apply({ baseUrl: BASE_URL, onSecret: (each) => void secrets.push(each) });

    const first = await apply();
    const second = await apply();

    expect(first.changes).toMatchObject([
      { change: 'created', destination: 'ed_test_1', endpoint: 'stripe', url: URL },
      { change: 'created', destination: 'ed_test_2', endpoint: 'stripe', url: URL },
    ]);
    expect(second).toMatchObject({ changes: [], plan: { isInStep: true } });
    expect(secrets).toMatchObject([
      { format: 'snapshot', destination: 'ed_test_1', secret: 'whsec_of_ed_test_1' },
      { format: 'notification', destination: 'ed_test_2', secret: 'whsec_of_ed_test_2' },
    ]);
    expect(JSON.stringify([first, second, logger.lines])).not.toContain('whsec_of');
    expect(account.api.eventDestinations).toMatchObject([
      {
        enabled_events: SNAPSHOT_TYPES,
        event_payload: 'snapshot',
        events_from: ['@self'],
        snapshot_api_version: account.client.getApiField('version'),
        metadata: { nestjs_webhook_inbox: 'stripe' },
      },
      { enabled_events: ['v2.core.account.created'], event_payload: 'thin' },
    ]);
  });

  it('are brought back in step when somebody has changed them', async () => {
    const account = await openStripeAccount();
    const { destinations } = await start(account);
    await destinations.apply({ baseUrl: BASE_URL, onSecret: () => {} });
    const resource = account.client.v2.core.eventDestinations;
    await resource.update('ed_test_1', { enabled_events: ['invoice.paid', 'charge.failed'] });
    await resource.disable('ed_test_2');

    const before = await destinations.plan({ baseUrl: BASE_URL });
    const { changes } = await destinations.apply({ baseUrl: BASE_URL });
    const after = await destinations.plan({ baseUrl: BASE_URL });

    expect(before.destinations.flatMap(({ findings }) => findings)).toMatchObject([
      { code: 'types_missing', isDrift: true },
      { code: 'types_unhandled', isDrift: true, message: expect.stringContaining('charge.failed') },
      { code: 'disabled', isDrift: true },
    ]);
    expect(changes.map(({ change }) => change)).toEqual(['updated', 'enabled']);
    expect(after.isInStep).toBe(true);
    expect(account.api.eventDestinations).toMatchObject([
      { enabled_events: SNAPSHOT_TYPES },
      { status: 'enabled' },
    ]);
  });

  it('of someone else stay as they are, byte for byte', async () => {
    const account = await openStripeAccount();
    await addForeignDestinations(account, URL);
    const before = JSON.stringify([account.api.webhookEndpoints, account.api.eventDestinations]);
    const { destinations } = await start(account);

    const { plan } = await destinations.apply({ baseUrl: BASE_URL, onSecret: () => {} });
    await destinations.upgrade({ baseUrl: BASE_URL, onSecret: () => {}, finish: true });

    const [theirs, ...made] = account.api.eventDestinations;
    expect(JSON.stringify([account.api.webhookEndpoints, [theirs]])).toBe(before);
    expect(made).toHaveLength(2);
    expect(plan.destinations[0]!.findings).toMatchObject([
      { code: 'missing', isDrift: true },
      { code: 'foreign_incomplete', message: expect.stringContaining('we_2') },
    ]);
  });

  it('of someone else are enough where they send all that is wanted', async () => {
    const account = await openStripeAccount();
    const version = account.client.getApiField('version') as '2026-10-28.endive';
    await account.client.webhookEndpoints.create({
      url: `${URL}/`,
      api_version: version,
      enabled_events: ['*'],
    });
    await account.client.v2.core.eventDestinations.create({
      name: 'theirs',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v2.core.account.created', 'v2.core.account.closed'],
      webhook_endpoint: { url: URL },
    });
    const { destinations } = await start(account);

    const plan = await destinations.plan({ baseUrl: BASE_URL });
    const { changes } = await destinations.apply({ baseUrl: BASE_URL });

    expect(plan.isInStep).toBe(true);
    expect(changes).toEqual([]);
    expect(
      plan.destinations.map(({ isOwn, findings }) => [isOwn, findings.map((f) => f.code)]),
    ).toEqual([
      [false, ['foreign', 'wildcard']],
      [false, ['foreign', 'types_unhandled']],
    ]);
  });
});
