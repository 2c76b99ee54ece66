import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { Accounts } from '../support/accounts.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { chaosOfAccounts, paid, readAccounts } from '../support/chaos-cases.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

/** Opens the account by itself: who is late sets back what another has credited meanwhile. */
@Injectable()
class OpensTwice {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = object.customer as string;
    const { status } = await this.accounts.find(customer);
    if (status === 'none') {
      await this.accounts.save(customer, { status: 'open' });
      await this.accounts.save(customer, { balance: 0, credited: [] });
    }
    await this.accounts.creditOnce(customer, object.id!, object.amount_paid);
  }
}

/** Knows its last event again, and none before. */
@Injectable()
class KnowsTheLast {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = object.customer as string;
    const { balance, credited } = await this.accounts.find(customer);
    if (credited[0] === object.id) return;
    await this.accounts.save(customer, {
      balance: balance + object.amount_paid,
      credited: [object.id!],
    });
  }
}

/** Takes the last event to come for the last to happen. */
@Injectable()
class KeepsTheLast {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async keep({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    await this.accounts.save('cus_1', { status: object.id! });
  }
}

const EVENTS = [1, 2, 3, 4].map((place) => paid(`in_${place}`, 10 ** place));

const start = (adapter: Adapter, handler: Type) =>
  chaosOfAccounts({ adapter, providers: [handler] }, EVENTS);

describe.each(ADAPTERS)('the schedules of chaos on %s', (adapter) => {
  it('let one attempt overtake others half way', async () => {
    const tried = (await start(adapter, OpensTwice)).concurrently().runs(1);

    const outcome = tried.expectSameOutcome(readAccounts);

    await expect(outcome).rejects.toThrow('another state');
  });

  it('repeat events after all others have come, too', async () => {
    const tried = (await start(adapter, KnowsTheLast)).repeated().runs(1);

    const outcome = tried.expectSameOutcome(readAccounts);

    await expect(outcome).rejects.toThrow('another state');
  });

  it('leave out events that a failure does not need', async () => {
    const tried = (await start(adapter, KeepsTheLast)).shuffled();

    const outcome: Promise<unknown> = tried.expectSameOutcome(readAccounts);
    const { message } = (await outcome.catch((error: unknown) => error)) as Error;

    expect(message.match(/ is sent$/gm)).toHaveLength(2);
  });

  it('tell which handlers could not be stopped half way, and refuse to name them', async () => {
    @Injectable()
    class CallsNobody {
      @OnStripeEvent('invoice.paid')
      ignore(): void {}

      @OnStripeEvent('charge.failed')
      other(): void {}
    }
    const tried = await start(adapter, CallsNobody);

    const { uninterrupted } = await tried.runs(1).expectSameOutcome(readAccounts);
    const named = tried.crashingAfter('CallsNobody.ignore').expectSameOutcome(readAccounts);

    expect(uninterrupted).toEqual(['CallsNobody.ignore']);
    await expect(named).rejects.toThrow('CallsNobody.ignore calls no method of a provider');
    const other = tried.failingOnce('CallsNobody.other').expectSameOutcome(readAccounts);
    await expect(other).rejects.toThrow('none of the events runs CallsNobody.other');
  });

  it('say once what fails again and again', async () => {
    @Injectable()
    class FailsOnRepeat {
      readonly seen = new Set<string>();

      @OnStripeEvent('invoice.paid')
      insert({ id }: Stripe.InvoicePaidEvent): void {
        if (this.seen.has(id)) throw new Error('unique violation');
        this.seen.add(id);
      }
    }
    const tried = (await start(adapter, FailsOnRepeat)).repeated();

    const outcome: Promise<unknown> = tried.expectSameOutcome(() => 0);
    const { message } = (await outcome.catch((error: unknown) => error)) as Error;

    expect(message).toContain('fails again and again (Error: unique violation)');
    expect(message).toMatch(/… the same \d+ times more/);
    expect(message.match(/failed, Error/g)).toHaveLength(1);
  });
});
