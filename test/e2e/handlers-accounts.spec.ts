import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeHandlerOptions } from '../../src/stripe/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';

function invoicesWith(options: StripeHandlerOptions) {
  @Injectable()
  class Invoices {
    @OnStripeEvent('invoice.paid', options)
    onPaid(): void {}
  }
  return Invoices;
}

const TWO_ENDPOINTS: WebhookAppOptions['endpoints'] = [{}, { name: 'connect' }];
const CONNECT_ENDPOINT: WebhookAppOptions['endpoints'] = [{ scope: 'connect' }];

describe.each(ADAPTERS)('handlers and whose events they get on %s', (adapter) => {
  it.each([
    ['beside a second Stripe endpoint', TWO_ENDPOINTS, "'stripe', 'connect'"],
    ['beside an endpoint for connected accounts', CONNECT_ENDPOINT, "'stripe'"],
  ])('refuses a handler that does not say so %s', async (_name, endpoints, names) => {
    const { app } = await buildWebhookApp({
      adapter,
      endpoints: endpoints!,
      providers: [invoicesWith({})],
    });

    const start = app.init();

    await expect(start).rejects.toBeInstanceOf(WebhookConfigurationError);
    await expect(start).rejects.toThrow(
      'Handler Invoices.onPaid: events of connected accounts can reach it too. Say which ones it is for: ' +
        "{ scope: 'account' }, { scope: 'connect' } or { scope: 'any' }, or { endpoint } with one of " +
        `${names}.`,
    );
    await app.close();
  });

  it.each<[StripeHandlerOptions]>([
    [{ scope: 'account' }],
    [{ scope: 'connect' }],
    [{ scope: 'any' }],
    [{ endpoint: 'connect' }],
    [{ endpoint: ['stripe', 'connect'] }],
  ])('starts with two endpoints where the handler says %j', async (options) => {
    const { app } = await buildWebhookApp({
      adapter,
      endpoints: TWO_ENDPOINTS!,
      providers: [invoicesWith(options)],
    });

    await expect(app.init()).resolves.toBe(app);

    await app.close();
  });

  it('does not take livemode alone for an answer', async () => {
    const { app } = await buildWebhookApp({
      adapter,
      endpoints: TWO_ENDPOINTS!,
      providers: [invoicesWith({ livemode: true })],
    });

    await expect(app.init()).rejects.toThrow('Say which ones it is for');

    await app.close();
  });

  it('refuses a method when one of its decorators does not say so', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid', { scope: 'account' })
      @OnStripeEvent('invoice.voided')
      onInvoice(): void {}
    }
    const { app } = await buildWebhookApp({
      adapter,
      endpoints: TWO_ENDPOINTS!,
      providers: [Invoices],
    });

    await expect(app.init()).rejects.toThrow('Handler Invoices.onInvoice: events of connected');

    await app.close();
  });

  it('lets @OnWebhook name its endpoints', async () => {
    @Injectable()
    class Invoices {
      @OnWebhook('connect', 'invoice.paid')
      onPaid(): void {}
    }
    const { app } = await buildWebhookApp({
      adapter,
      endpoints: TWO_ENDPOINTS!,
      providers: [Invoices],
    });

    await expect(app.init()).resolves.toBe(app);

    await app.close();
  });

  it('asks nothing with one endpoint for all', async () => {
    const { app } = await buildWebhookApp({ adapter, providers: [invoicesWith({})] });

    await expect(app.init()).resolves.toBe(app);

    await app.close();
  });
});
