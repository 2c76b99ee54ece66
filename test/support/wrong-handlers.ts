import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { Accounts } from './accounts.js';

// Four handlers that are wrong in one way each, and what is right instead.

/** Increments again when its event comes again. */
@Injectable()
export class IncrementsOnRepeat {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    await this.accounts.increment(object.customer as string, object.amount_paid);
  }
}

@Injectable()
export class CreditsOnce {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    await this.accounts.creditOnce(object.customer as string, object.id!, object.amount_paid);
  }
}

/** Takes the last event to come for the last to happen. */
@Injectable()
export class AppliesStaleState {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('customer.subscription.updated')
  async update({ data: { object } }: Stripe.CustomerSubscriptionUpdatedEvent): Promise<void> {
    await this.accounts.save(object.customer as string, { status: object.status });
  }
}

@Injectable()
export class AppliesTheNewest {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('customer.subscription.updated')
  async update({ created, data }: Stripe.CustomerSubscriptionUpdatedEvent): Promise<void> {
    const { customer, status } = data.object;
    await this.accounts.saveStatusIfNewer(customer as string, status, created);
  }
}

/** Reads, and writes what it has made of it, while another does the same. */
@Injectable()
export class LosesUpdates {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = object.customer as string;
    const { balance, credited } = await this.accounts.find(customer);
    if (credited.includes(object.id!)) return;
    await this.accounts.save(customer, {
      balance: balance + object.amount_paid,
      credited: [...credited, object.id!].sort(),
    });
  }
}

/** The same under a lock for each customer. */
@Injectable()
export class UpdatesUnderLock {
  readonly #tails = new Map<string, Promise<void>>();

  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = object.customer as string;
    await this.#locked(customer, async () => {
      const { balance, credited } = await this.accounts.find(customer);
      if (credited.includes(object.id!)) return;
      await this.accounts.save(customer, {
        balance: balance + object.amount_paid,
        credited: [...credited, object.id!].sort(),
      });
    });
  }

  async #locked(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const done = before.then(work);
    this.#tails.set(
      key,
      done.catch(() => {}),
    );
    await done;
  }
}

/** Notes that it has credited before it has: a crash between the two loses the credit. */
@Injectable()
export class HalfDoneOnCrash {
  constructor(private readonly accounts: Accounts) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = object.customer as string;
    const isNew = await this.accounts.markCredited(customer, object.id!);
    if (isNew) await this.accounts.increment(customer, object.amount_paid);
  }
}

/** Loses updates without a provider: its state is its own and it waits for something else. */
@Injectable()
export class LosesOwnUpdates {
  balance = 0;

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    const { balance } = this;
    await setTimeout(1);
    this.balance = balance + object.amount_paid;
  }
}
