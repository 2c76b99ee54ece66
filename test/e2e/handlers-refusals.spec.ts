import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, UseFilters, UseGuards, UseInterceptors, UsePipes } from '@nestjs/common';
import type {
  CanActivate,
  ExceptionFilter,
  NestInterceptor,
  PipeTransform,
  Type,
} from '@nestjs/common';
import { OnWebhook, WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent, OnStripeObject } from '../../src/stripe/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter, WebhookAppOptions } from '../support/build-webhook-app.js';

const guard: CanActivate = { canActivate: () => true };
const interceptor: NestInterceptor = { intercept: (_context, next) => next.handle() };
const pipe: PipeTransform = { transform: (value: unknown) => value };
const filter: ExceptionFilter = { catch: () => undefined };

/** The message with which an application of these handlers refuses to start. */
async function refusalOf(
  adapter: Adapter,
  providers: Type[],
  options: Partial<WebhookAppOptions> = {},
): Promise<string> {
  const { app } = await buildWebhookApp({ adapter, providers, ...options });
  const error: unknown = await app.init().then(
    () => 'The application has started.',
    (reason: unknown) => reason,
  );
  await app.close();
  expect(error).toBeInstanceOf(WebhookConfigurationError);
  return (error as Error).message;
}

describe.each(ADAPTERS)('handlers that refuse to start on %s', (adapter) => {
  it.each([
    ['guards', UseGuards(guard)],
    ['interceptors', UseInterceptors(interceptor)],
    ['pipes', UsePipes(pipe)],
    ['exception filters', UseFilters(filter)],
  ])('refuses %s on a handler, with its name and what to do', async (name, decorate) => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid')
      @(decorate as MethodDecorator)
      onPaid(): void {}
    }

    const message = await refusalOf(adapter, [Invoices]);

    expect(message).toContain(`Handler Invoices.onPaid has ${name} of Nest`);
    expect(message).toContain('wrap attempts with `around` of WebhookInboxModule');
  });

  it('refuses another decorator beside one that gives the method an object', async () => {
    @Injectable()
    class Customers {
      @OnStripeObject('customer')
      @OnStripeEvent('customer.created')
      mirror(): void {}
    }

    const message = await refusalOf(adapter, [Customers]);

    expect(message).toContain('Handler Customers.mirror has several decorators');
  });

  it('starts where guards stand on another method of the class', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid')
      onPaid(): void {}

      @UseGuards(guard)
      other(): void {}
    }
    const { app } = await buildWebhookApp({ adapter, providers: [Invoices] });

    await expect(app.init()).resolves.toBe(app);

    await app.close();
  });

  it('refuses an endpoint that is not configured, and says which ones are', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid', { endpoint: 'conect' })
      onPaid(): void {}
    }

    const message = await refusalOf(adapter, [Invoices], {
      endpoints: [{}, { name: 'connect' }],
    });

    expect(message).toBe(
      'Handler Invoices.onPaid listens to the endpoint "conect", which is not configured. Configured are: ' +
        '"stripe", "connect".',
    );
  });

  it('refuses @OnWebhook for an endpoint that is not configured', async () => {
    @Injectable()
    class Invoices {
      @OnWebhook(['stripe', 'clerk'], '*')
      onPaid(): void {}
    }

    await expect(refusalOf(adapter, [Invoices])).resolves.toContain('"clerk"');
  });

  it('refuses two methods of one id, and names both', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid', { id: 'billing' })
      onPaid(): void {}
    }
    @Injectable()
    class Refunds {
      @OnStripeEvent('charge.refunded', { id: 'billing' })
      onRefunded(): void {}
    }

    const message = await refusalOf(adapter, [Invoices, Refunds]);

    expect(message).toMatch(/^Two handlers have the id billing: /);
    expect(message).toContain('Invoices.onPaid');
    expect(message).toContain('Refunds.onRefunded');
    expect(message).toContain("{ id: 'billing.2' }");
  });

  it('refuses two classes of one name whose methods have one name', async () => {
    const createClass = (): Type => {
      @Injectable()
      class Invoices {
        @OnStripeEvent('invoice.paid')
        onPaid(): void {}
      }
      return Invoices;
    };

    const message = await refusalOf(adapter, [createClass(), createClass()]);

    expect(message).toMatch(/^Two handlers have the id Invoices\.onPaid: /);
  });

  it('refuses several ids on one method', async () => {
    @Injectable()
    class Invoices {
      @OnStripeEvent('invoice.paid', { id: 'one' })
      @OnStripeEvent('invoice.voided', { id: 'two' })
      onInvoice(): void {}
    }

    const message = await refusalOf(adapter, [Invoices]);

    expect(message).toContain('Invoices.onInvoice has several decorators with different ids');
    expect(message).toContain('give one id');
  });

  it.each([
    '',
    ' ',
    'invoice*',
    '*.paid',
    'invoice.*.paid',
    '.*',
    'invoice paid',
    '**',
    'invoice.**',
  ])('refuses the pattern "%s"', async (pattern) => {
    @Injectable()
    class Invoices {
      @OnWebhook('stripe', ['invoice.paid', pattern])
      onPaid(): void {}
    }

    const message = await refusalOf(adapter, [Invoices]);

    expect(message).toBe(
      `Handler Invoices.onPaid listens to "${pattern}". Give an event type, a prefix such as "invoice.*", or "*".`,
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a handler whose timeoutMs is %d',
    async (timeoutMs) => {
      @Injectable()
      class Invoices {
        @OnStripeEvent('invoice.paid', { timeoutMs })
        onPaid(): void {}
      }

      const message = await refusalOf(adapter, [Invoices]);

      expect(message).toMatch(/timeoutMs of handler Invoices\.onPaid must be /);
    },
  );
});
