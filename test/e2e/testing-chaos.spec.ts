import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { chaos } from '../../src/testing/index.js';
import { Accounts } from '../support/accounts.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import {
  chaosOfAccounts,
  CUSTOMER_EVENTS,
  paid,
  readAccounts,
  RIGHT_HANDLERS,
  WRONG_HANDLERS,
} from '../support/chaos-cases.js';
import { CreditsOnce, LosesOwnUpdates } from '../support/wrong-handlers.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

describe.each(ADAPTERS)('chaos on %s', (adapter) => {
  it.each(WRONG_HANDLERS)(
    'finds that %p is wrong, by what it is told to try and by everything',
    async (handler, say) => {
      const tried = await chaosOfAccounts({ adapter, providers: [handler] });

      const told = say(tried).expectSameOutcome(readAccounts);
      await expect(told).rejects.toThrow('another state than after one orderly run');

      const all = tried.expectSameOutcome(readAccounts);
      await expect(all).rejects.toThrow('another state than after one orderly run');
    },
  );

  it.each(RIGHT_HANDLERS)('lets %p pass, whatever happens', async (handler) => {
    const tried = await chaosOfAccounts({ adapter, providers: [handler] });

    const { runs } = await tried.runs(20).expectSameOutcome(readAccounts);

    expect(runs).toBeGreaterThan(20);
  });

  it('finds a race of a handler that calls no provider', async () => {
    const { app, tester } = await startWebhookApp({ adapter, providers: [LosesOwnUpdates] });
    const tried = tester
      .chaos(CUSTOMER_EVENTS)
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
