import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnWebhook, RetryAfterError } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { OnStripeObject } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

@Injectable()
class Store {
  readonly names = new Map<string, string>();

  async save(id: string, name: string): Promise<void> {
    this.names.set(id, name);
  }
}

@Injectable()
class AsksToBeRunLater {
  constructor(private readonly store: Store) {}

  @OnWebhook('stripe', 'customer.updated')
  async save({ data }: Stripe.CustomerUpdatedEvent, { attempt }: WebhookContext): Promise<void> {
    if (attempt === 1) throw new RetryAfterError(60_000);
    await this.store.save(data.object.id, 'saved');
  }
}

@Injectable()
class SavesTheLatest {
  constructor(private readonly store: Store) {}

  @OnStripeObject('customer', { coalesceMs: 5000 })
  async save(customer: { readonly id: string; readonly name?: string | null }): Promise<void> {
    await this.store.save(customer.id, customer.name ?? 'nobody');
  }
}

const EVENTS = [1, 2, 3].map((created) =>
  stripeEvent('customer.updated', { id: `evt_${created}`, created, object: { id: 'cus_1' } }),
);

describe.each(ADAPTERS)('the time in chaos on %s', (adapter) => {
  let api: StripeApi;
  beforeEach(async () => {
    api = await startStripeApi(() => ({ body: { id: 'cus_1', object: 'customer', name: 'Ada' } }));
  });
  afterEach(() => api.close());

  const start = async (
    handler: typeof AsksToBeRunLater | typeof SavesTheLatest,
    clock = manualClock(),
  ) => {
    const { app, tester } = await startWebhookApp({
      adapter,
      clock,
      endpoints: [{ client: api.client }],
      providers: [Store, handler],
    });
    const { names } = app.get(Store);
    const chaos = tester.chaos(EVENTS).startingFrom(() => names.clear());
    return () => chaos.runs(10).expectSameOutcome(() => names);
  };

  it('is moved to the moment that a handler asks for', async () => {
    const play = await start(AsksToBeRunLater);

    await expect(play()).resolves.toBeDefined();
  });

  it('is moved on while requests wait for the end of a burst', async () => {
    const clock = manualClock();
    const startedAtMs = clock.now();
    const play = await start(SavesTheLatest, clock);

    await expect(play()).resolves.toBeDefined();

    expect(clock.now()).toBeGreaterThanOrEqual(startedAtMs + 5000);
  });
});
