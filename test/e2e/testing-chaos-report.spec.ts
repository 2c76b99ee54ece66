import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, OnWebhook, RetryAfterError } from '../../src/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import type { Chaos } from '../../src/testing/index.js';
import { Accounts } from '../support/accounts.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';
import { chaosOfAccounts, paid, readAccounts } from '../support/chaos-cases.js';
import { HalfDoneOnCrash, LosesUpdates } from '../support/wrong-handlers.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

const EVENTS = [
  paid('in_1', 100),
  stripeEvent('charge.succeeded', { id: 'evt_other' }),
  paid('in_2', 20),
  paid('in_3', 3),
];

const chaosOf = (options: WebhookAppOptions) => chaosOfAccounts(options, EVENTS);

describe.each(ADAPTERS)('what chaos reports on %s', (adapter) => {
  it('is the smallest sequence, what happened in it, and how to play it again', async () => {
    const tried = (await chaosOf({ adapter, providers: [HalfDoneOnCrash] })).crashingAfter();

    const message = await messageOf(tried.expectSameOutcome(readAccounts));

    expect(message).toMatch(/1\. invoice\.paid (evt_in_\d) is sent/);
    expect(message).toContain('the process crashes after its call 1, Accounts.markCredited');
    expect(message).not.toContain('evt_other');
    expect(new Set(message.match(/evt_in_\d/g)).size).toBe(1);
    expect(message).toMatch(
      /After one orderly run:\n[^]*balance: \d{1,3},[^]*After this one:\n[^]*balance: 0/,
    );
    const [, seed, path] = /\.replaying\({ seed: (-?\d+), path: '([\d:]+)' }\)/.exec(message)!;

    const replay = tried.replaying({ seed: Number(seed), path: path! });
    expect(await messageOf(replay.expectSameOutcome(readAccounts))).toContain(
      'crashes after its call 1',
    );
  });

  it('is the same for the same seed', async () => {
    const tried = (await chaosOf({ adapter, providers: [LosesUpdates] }))
      .shuffled(7)
      .concurrently();

    const first = await messageOf(tried.expectSameOutcome(readAccounts));
    const second = await messageOf(tried.expectSameOutcome(readAccounts));

    expect(first).toContain('seed: 7');
    expect(second).toBe(first);
  });

  it('says that an orderly run fails', async () => {
    @Injectable()
    class Broken {
      @OnWebhook('stripe', 'invoice.paid')
      fail(): void {
        throw new TypeError('customer is undefined');
      }
    }
    const tried = await chaosOf({ adapter, providers: [Broken] });

    const outcome = tried.expectSameOutcome(readAccounts);

    await expect(outcome).rejects.toThrow(
      'Even one orderly run does not end well: invoice.paid evt_in_1 does not come to an end: Broken.fail ' +
        'fails again and again (TypeError: customer is undefined)',
    );
  });

  it('says that nothing can be said where orderly runs differ by themselves', async () => {
    const tried = await chaosOf({ adapter });
    let count = 0;

    const outcome = tried.expectSameOutcome(() => ({ count: (count += 1) }));

    await expect(outcome).rejects.toThrow('Two orderly runs came to different states');
  });

  it('compares what is dead, too', async () => {
    @Injectable()
    class GivesUpLater {
      @OnWebhook('stripe', 'invoice.paid')
      giveUp(_event: object, { attempt }: { attempt: number }): void {
        if (attempt > 1) throw new NonRetriableError('only the first attempt works');
      }
    }
    const tried = (await chaosOf({ adapter, providers: [GivesUpLater] })).repeated();

    const outcome = tried.expectSameOutcome(readAccounts);

    await expect(outcome).rejects.toThrow('dead: GivesUpLater.giveUp for invoice.paid evt_in_');
  });

  it.each<[string, (tried: Chaos) => unknown, string]>([
    [
      'a handler that there is not',
      (tried) => tried.failingOnce('Nobody.home'),
      'no handler Nobody.home',
    ],
    ['repeating less than twice', (tried) => tried.repeated(1), 'a whole number from 2'],
  ])('refuses %s', async (_what, say, reason) => {
    const tried = await chaosOf({ adapter });

    const outcome = async () => (say(tried) as Chaos).expectSameOutcome(readAccounts);

    await expect(outcome()).rejects.toThrow(reason);
  });

  it('asks how a run starts where it is not told', async () => {
    const { tester } = await startWebhookApp({ adapter });

    const outcome = async () => tester.chaos(EVENTS).expectSameOutcome(() => 1);

    await expect(outcome()).rejects.toThrow('.startingFrom(() => store.clear())');
  });

  it('refuses an event that is given twice, and one without an endpoint', async () => {
    const two = { adapter, endpoints: [{}, { name: 'other' }] };
    const { tester } = await startWebhookApp(two);
    const play = (events: readonly object[]) =>
      tester
        .chaos(events)
        .startingFrom(() => {})
        .expectSameOutcome(() => 1);
    const event = paid('in_1', 1);

    await expect(play([event])).rejects.toThrow('configured are: stripe, other');
    const addressed = { endpoint: 'other', event };
    await expect(play([addressed, addressed])).rejects.toThrow('two events with the id evt_in_1');
    await expect(play([addressed])).resolves.toMatchObject({ runs: expect.any(Number) });
  });

  it('moves a manual clock to the time a handler wants to be retried at, and only that', async () => {
    @Injectable()
    class Later {
      constructor(private readonly accounts: Accounts) {}

      @OnWebhook('stripe', 'invoice.paid')
      async wait({ id }: { id: string }, { attempt }: { attempt: number }): Promise<void> {
        if (attempt === 1) throw new RetryAfterError(60_000);
        await this.accounts.creditOnce('cus_1', id, 1);
      }
    }
    const providers: Type[] = [Later];
    const withClock = await chaosOf({ adapter, providers, clock: manualClock() });
    const without = await chaosOf({ adapter, providers });

    await expect(without.expectSameOutcome(readAccounts)).rejects.toThrow(
      'Give the application a manualClock()',
    );
    await expect(withClock.runs(1).expectSameOutcome(readAccounts)).resolves.toBeDefined();
  });
});

function messageOf(outcome: Promise<unknown>): Promise<string> {
  return outcome.then(
    () => 'It has passed.',
    (error: Error) => error.message,
  );
}
