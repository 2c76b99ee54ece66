import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { OnWebhook } from '../../src/handlers/on-webhook.decorator.js';
import { OnStripeEvent } from '../../src/stripe/on-stripe-event.decorator.js';
import type { StripeHandlerOptions } from '../../src/stripe/on-stripe-event.decorator.js';
import { OnStripeObject } from '../../src/stripe/on-stripe-object.decorator.js';
import type { StripeObjectOptions } from '../../src/stripe/on-stripe-object.decorator.js';

const onSymbol = Symbol('onPaid');

describe('A handler decorator', () => {
  it.each<[string, string, () => unknown]>([
    [
      'a static method',
      'Invoices.onPaid',
      () => {
        class Invoices {
          @OnWebhook('stripe', '*')
          static onPaid(): void {}
        }
        return Invoices;
      },
    ],
    [
      'a method whose name is a symbol',
      'Invoices.Symbol(onPaid)',
      () => {
        class Invoices {
          @OnWebhook('stripe', '*')
          [onSymbol](): void {}
        }
        return Invoices;
      },
    ],
    [
      'a getter',
      'Invoices.onPaid',
      () => {
        class Invoices {
          @OnStripeEvent('invoice.paid')
          get onPaid(): () => void {
            return () => undefined;
          }
        }
        return Invoices;
      },
    ],
  ])('refuses %s where it is written, and names it', (_what, name, declare) => {
    expect(declare).toThrow(WebhookConfigurationError);
    expect(declare).toThrow(`${name} cannot be a webhook handler. Decorate a method of the class`);
  });

  it.each<[string, object]>([
    ["scope must be 'account', 'connect' or 'any'", { scope: 'x' }],
    ['coalesceMs must be between 0 and 20000 milliseconds', { coalesceMs: -1 }],
    ['coalesceMs must be between 0 and 20000 milliseconds', { coalesceMs: 20_001 }],
    ['coalesceMs must be between 0 and 20000 milliseconds', { coalesceMs: NaN }],
    ['the list `on` is empty', { on: [] }],
  ])('of an object says that %s', (says, options) => {
    const declare = (): unknown => OnStripeObject('subscription', options as StripeObjectOptions);

    expect(declare).toThrow(WebhookConfigurationError);
    expect(declare).toThrow(`@OnStripeObject: ${says}`);
  });

  it.each<[string, object]>([
    ["scope must be 'account', 'connect' or 'any'", { scope: 'x' }],
    ['livemode must be true or false', { livemode: 'true' }],
    ["lane must be 'object', 'account' or a function", { lane: 'subscription' }],
  ])('of Stripe says that %s', (says, options) => {
    const declare = (): unknown => OnStripeEvent('invoice.paid', options as StripeHandlerOptions);

    expect(declare).toThrow(WebhookConfigurationError);
    expect(declare).toThrow(`@OnStripeEvent: ${says}`);
  });
});
