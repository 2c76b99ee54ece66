import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { postgresEngine } from '../../src/postgres/index.js';
import type { PostgresEngineOptions } from '../../src/postgres/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import type { Chaos } from '../../src/testing/index.js';
import { Accounts } from '../support/accounts.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import {
  AppliesStaleState,
  AppliesTheNewest,
  CreditsOnce,
  HalfDoneOnCrash,
  IncrementsOnRepeat,
  LosesUpdates,
  UpdatesUnderLock,
} from '../support/wrong-handlers.js';
import { createTestSchema } from './test-schema.js';

// Many runs of a whole application.
jest.setTimeout(120_000);

const paid = (id: string, amount_paid: number) =>
  stripeEvent('invoice.paid', { id: `evt_${id}`, object: { id, customer: 'cus_1', amount_paid } });
const updated = (id: string, status: 'active' | 'past_due' | 'canceled', created: number) =>
  stripeEvent('customer.subscription.updated', {
    id: `evt_${id}`,
    created,
    object: { id: 'sub_1', customer: 'cus_1', status },
  });

const EVENTS = [
  paid('in_1', 100),
  paid('in_2', 20),
  updated('sub_1', 'active', 1),
  updated('sub_2', 'past_due', 2),
  updated('sub_3', 'canceled', 3),
];

const readAccounts = (app: INestApplication) => app.get(Accounts).all();

async function chaosOf(
  adapter: Adapter,
  handler: Type,
  target: PostgresEngineOptions = createTestSchema(),
): Promise<Chaos> {
  const { app, tester } = await startWebhookApp({
    adapter,
    providers: [Accounts, handler],
    inbox: { engine: postgresEngine(target) },
  });
  return tester.chaos(EVENTS).startingFrom(() => app.get(Accounts).clear());
}

describe.each(ADAPTERS)('chaos on PostgreSQL with %s', (adapter) => {
  it.each([
    [IncrementsOnRepeat, (tried: Chaos) => tried.repeated()],
    [AppliesStaleState, (tried: Chaos) => tried.shuffled()],
    [LosesUpdates, (tried: Chaos) => tried.concurrently()],
    [HalfDoneOnCrash, (tried: Chaos) => tried.crashingAfter('HalfDoneOnCrash.credit')],
  ])('finds that %p is wrong, by what it is told to try', async (handler, say) => {
    const tried = await chaosOf(adapter, handler);

    const told = say(tried).expectSameOutcome(readAccounts);

    await expect(told).rejects.toThrow('another state than after one orderly run');
  });

  it.each([[CreditsOnce], [AppliesTheNewest], [UpdatesUnderLock]])(
    'lets %p pass, whatever happens',
    async (handler) => {
      const tried = await chaosOf(adapter, handler);

      const { runs } = await tried.runs(10).expectSameOutcome(readAccounts);

      expect(runs).toBeGreaterThan(10);
    },
  );
});
