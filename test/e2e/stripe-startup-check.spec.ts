import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { StripeStartupCheck } from '../../src/stripe/startup-check/stripe-startup-check.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import type { StripeAccount } from '../support/stripe-account.js';

@Injectable()
class Handlers {
  @OnStripeEvent(['invoice.paid', 'invoice.voided'])
  onInvoice(): void {}
}

const URL = 'https://app.example/webhooks/stripe';

describe.each(ADAPTERS)('The check at start on %s', (adapter) => {
  async function warningsOf({ client }: StripeAccount): Promise<string[]> {
    const { app, logger } = await startWebhookApp({
      adapter,
      endpoints: [{ client, publicUrl: URL, checkOnStart: true }],
      providers: [Handlers],
    });
    await app.get(StripeStartupCheck).finished;
    return logger.ofInbox('warn');
  }

  it('warns once of each difference', async () => {
    const account = await openStripeAccount();
    await account.client.v2.core.eventDestinations.create({
      name: 'ours',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      snapshot_api_version: '2025-09-30.clover',
      enabled_events: ['invoice.paid', 'charge.failed'],
      webhook_endpoint: { url: URL },
      metadata: { nestjs_webhook_inbox: 'stripe' },
    });
    await account.client.v2.core.eventDestinations.disable('ed_test_1');

    const version = String(account.client.getApiField('version'));
    expect(await warningsOf(account)).toEqual([
      'Endpoint "stripe": ed_test_1 does not send invoice.voided.',
      'Endpoint "stripe": ed_test_1 sends charge.failed, which nobody handles.',
      'Endpoint "stripe": ed_test_1 is disabled.',
      `Endpoint "stripe": ed_test_1 renders 2025-09-30.clover, and the client has ${version}.`,
    ]);
  });

  it('is silent where all is in step', async () => {
    const account = await openStripeAccount();
    const api_version = account.client.getApiField('version') as '2026-10-28.endive';
    const enabled_events = ['invoice.paid', 'invoice.voided'] as const;
    await account.client.webhookEndpoints.create({
      url: URL,
      api_version,
      enabled_events: [...enabled_events],
    });

    expect(await warningsOf(account)).toEqual([]);
  });

  it('does not fail the start where Stripe does', async () => {
    const account = await openStripeAccount();
    account.api.fail({ status: 500, message: 'Stripe is down' });

    expect(await warningsOf(account)).toEqual([
      'Endpoint "stripe" could not be compared with Stripe: Stripe is down',
    ]);
  });

  it('needs to know where Stripe sends to', async () => {
    const building = buildWebhookApp({ adapter, endpoints: [{ checkOnStart: true }] });

    await expect(building).rejects.toThrow(WebhookConfigurationError);
    await expect(building).rejects.toThrow('checkOnStart needs publicUrl');
  });
});
