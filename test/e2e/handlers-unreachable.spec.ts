import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';

const UNREACHABLE = /^Handler Invoices\.onPaid has an empty list of types or endpoints/;

describe.each(ADAPTERS)('an application on %s refuses to start', (adapter) => {
  it.each<[string, MethodDecorator, RegExp]>([
    ['no types', OnWebhook('stripe', []) as MethodDecorator, UNREACHABLE],
    ['no endpoints', OnWebhook([], '*') as MethodDecorator, UNREACHABLE],
    ['no types of Stripe', OnStripeEvent([] as unknown as ['*']) as MethodDecorator, UNREACHABLE],
    [
      'no endpoints of Stripe',
      OnStripeEvent('invoice.paid', { endpoint: [] }) as MethodDecorator,
      UNREACHABLE,
    ],
    [
      'an id of spaces',
      OnStripeEvent('invoice.paid', { id: ' ' }) as MethodDecorator,
      /^Invoices\.onPaid has a blank id\.$/,
    ],
    [
      'a blank id',
      OnStripeEvent('invoice.paid', { id: '' }) as MethodDecorator,
      /^Invoices\.onPaid has a blank id\.$/,
    ],
  ])('with a handler of %s', async (_what, decorate, message) => {
    @Injectable()
    class Invoices {
      @decorate
      onPaid(): void {}
    }
    const { app } = await buildWebhookApp({ adapter, providers: [Invoices] });

    const starting = app.init();

    await expect(starting).rejects.toBeInstanceOf(WebhookConfigurationError);
    await expect(starting).rejects.toThrow(message);
    await app.close();
  });
});
