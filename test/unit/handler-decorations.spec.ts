import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { OnWebhook } from '../../src/handlers/on-webhook.decorator.js';
import { OnStripeEvent } from '../../src/stripe/on-stripe-event.decorator.js';
import type { StripeHandlerOptions } from '../../src/stripe/on-stripe-event.decorator.js';

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
    ['livemode must be true or false', { livemode: 'true' }],
  ])('of Stripe says that %s', (says, options) => {
    const declare = (): unknown => OnStripeEvent('invoice.paid', options as StripeHandlerOptions);

    expect(declare).toThrow(WebhookConfigurationError);
    expect(declare).toThrow(`@OnStripeEvent: ${says}`);
  });
});
