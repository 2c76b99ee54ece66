import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import { OnStripeEvent, OnStripeNotification } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

/** Counts how many of its methods run at the same time. */
class Counter {
  mostAtOnce = 0;
  runs = 0;
  #running = 0;

  async run(): Promise<void> {
    this.runs += 1;
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    await setImmediate();
    await setImmediate();
    this.#running -= 1;
  }
}

@Injectable()
class ByObject extends Counter {
  @OnStripeEvent('customer.*', { lane: 'object' })
  onEvent(): Promise<void> {
    return this.run();
  }

  @OnStripeEvent('customer.updated', { lane: 'object', id: 'second' })
  onUpdated(): Promise<void> {
    return this.run();
  }

  @OnStripeNotification('v1.customer.updated', { lane: 'object' })
  onNotification(): Promise<void> {
    return this.run();
  }
}

@Injectable()
class ByAccount extends Counter {
  @OnStripeEvent('customer.updated', { lane: 'account' })
  onEvent(): Promise<void> {
    return this.run();
  }
}

@Injectable()
class ByFunction extends Counter {
  @OnStripeEvent('customer.updated', { lane: ({ data }) => data.object.email ?? undefined })
  onEvent(): Promise<void> {
    return this.run();
  }

  @OnWebhook('stripe', 'customer.created', { lane: () => 'a@example.com' })
  onCreated(): Promise<void> {
    return this.run();
  }
}

@Injectable()
class Wrong {
  @OnStripeEvent('customer.updated', { lane: () => 1 as never })
  onEvent(): void {}
}

const updated = (fields: { id?: string; email?: string; account?: string } = {}) =>
  stripeEvent('customer.updated', {
    object: {
      id: fields.id ?? 'cus_1',
      ...(fields.email !== undefined && { email: fields.email }),
    },
    ...(fields.account !== undefined && { account: fields.account }),
  });

async function sendAtOnce<T extends Counter>(
  adapter: Adapter,
  provider: Type<T>,
  events: readonly object[],
): Promise<T> {
  const { app, stripe } = await startWebhookApp({ adapter, providers: [provider] });
  const sent = await Promise.all(events.map((event) => stripe().send(event)));
  expect(sent.map(({ status }) => status)).toEqual(events.map(() => 200));
  return app.get(provider);
}

describe.each(ADAPTERS)('Lanes on %s', (adapter) => {
  it('of an object take its events one at a time, in both formats and all handlers', async () => {
    const relatedObject = { id: 'cus_1', type: 'customer', url: '/v1/customers/cus_1' };
    const events = [
      ...Array.from({ length: 5 }, () => updated()),
      ...Array.from({ length: 5 }, () =>
        stripeNotification('v1.customer.updated', { relatedObject }),
      ),
    ];

    const { mostAtOnce, runs } = await sendAtOnce(adapter, ByObject, events);

    expect({ mostAtOnce, runs }).toEqual({ mostAtOnce: 1, runs: 15 });
  });

  it('of different objects do not wait for each other', async () => {
    const events = Array.from({ length: 5 }, (_, index) => updated({ id: `cus_${index}` }));

    const { mostAtOnce } = await sendAtOnce(adapter, ByObject, events);

    expect(mostAtOnce).toBeGreaterThan(1);
  });

  it.each([
    ['one connected account', 'acct_1', 'acct_1', true],
    ['the own account', undefined, undefined, true],
    ['two accounts', 'acct_1', 'acct_2', false],
  ])('of %s', async (_whose, first, second, isOneAtATime) => {
    const events = [first, second].flatMap((account) =>
      Array.from({ length: 3 }, (_, index) =>
        updated({ id: `cus_${index}`, ...(account !== undefined && { account }) }),
      ),
    );

    const { mostAtOnce } = await sendAtOnce(adapter, ByAccount, events);

    expect(mostAtOnce === 1).toBe(isOneAtATime);
  });

  it('are what a function says, also across decorators', async () => {
    const events = [
      updated({ id: 'cus_1', email: 'a@example.com' }),
      updated({ id: 'cus_2', email: 'a@example.com' }),
      stripeEvent('customer.created'),
    ];

    const { mostAtOnce, runs } = await sendAtOnce(adapter, ByFunction, events);

    expect({ mostAtOnce, runs }).toEqual({ mostAtOnce: 1, runs: 3 });
  });

  it('are none where the function says undefined', async () => {
    const events = Array.from({ length: 5 }, () => updated());

    const { mostAtOnce } = await sendAtOnce(adapter, ByFunction, events);

    expect(mostAtOnce).toBeGreaterThan(1);
  });

  it('that are no string are our fault: 500, and the log says whose', async () => {
    const { stripe, logger } = await startWebhookApp({ adapter, providers: [Wrong] });

    const { status } = await stripe().send(updated());

    expect(status).toBe(500);
    expect(logger.ofInbox('error').join()).toContain('The lane that handler Wrong.onEvent gives');
  });
});
