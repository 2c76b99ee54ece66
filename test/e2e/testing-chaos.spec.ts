import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import type { INestApplication, Type } from '@nestjs/common';
import { chaos, stripeEvent } from '../../src/testing/index.js';
import type { Chaos } from '../../src/testing/index.js';
import { Accounts } from '../support/accounts.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import {
  AppliesStaleState,
  AppliesTheNewest,
  CreditsOnce,
  HalfDoneOnCrash,
  IncrementsOnRepeat,
  LosesOwnUpdates,
  LosesUpdates,
  UpdatesUnderLock,
} from '../support/wrong-handlers.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

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
  paid('in_3', 3),
  updated('sub_1', 'active', 1),
  updated('sub_2', 'past_due', 2),
  updated('sub_3', 'canceled', 3),
];

const readAccounts = (app: INestApplication) => app.get(Accounts).all();

async function chaosOf(adapter: Adapter, handler: Type): Promise<Chaos> {
  const { app, tester } = await startWebhookApp({ adapter, providers: [Accounts, handler] });
  return tester.chaos(EVENTS).startingFrom(() => app.get(Accounts).clear());
}

describe.each(ADAPTERS)('chaos on %s', (adapter) => {
  it.each([
    [IncrementsOnRepeat, (tried: Chaos) => tried.repeated()],
    [AppliesStaleState, (tried: Chaos) => tried.shuffled()],
    [LosesUpdates, (tried: Chaos) => tried.concurrently()],
    [HalfDoneOnCrash, (tried: Chaos) => tried.crashingAfter('HalfDoneOnCrash.credit')],
  ])(
    'finds that %p is wrong, by what it is told to try and by everything',
    async (handler, say) => {
      const tried = await chaosOf(adapter, handler);

      const told = say(tried).expectSameOutcome(readAccounts);
      await expect(told).rejects.toThrow('another state than after one orderly run');

      const all = tried.expectSameOutcome(readAccounts);
      await expect(all).rejects.toThrow('another state than after one orderly run');
    },
  );

  it.each([[CreditsOnce], [AppliesTheNewest], [UpdatesUnderLock]])(
    'lets %p pass, whatever happens',
    async (handler) => {
      const tried = await chaosOf(adapter, handler);

      const { runs } = await tried.runs(20).expectSameOutcome(readAccounts);

      expect(runs).toBeGreaterThan(20);
    },
  );

  it('finds a race of a handler that calls no provider', async () => {
    const { app, tester } = await startWebhookApp({ adapter, providers: [LosesOwnUpdates] });
    const tried = tester
      .chaos(EVENTS)
      .startingFrom(() => (app.get(LosesOwnUpdates).balance = 0))
      .concurrently();

    const outcome = tried.expectSameOutcome(() => app.get(LosesOwnUpdates).balance);

    await expect(outcome).rejects.toThrow('another state');
  });

  it('gives every run an application of its own', async () => {
    const createApp = async () => {
      const { app } = await buildWebhookApp({ adapter, providers: [Accounts, CreditsOnce] });
      return app;
    };
    const events = [paid('in_1', 100), paid('in_2', 20)];

    const { runs } = await chaos({ createApp, events }).runs(5).expectSameOutcome(readAccounts);

    expect(runs).toBeGreaterThan(5);
  });
});
