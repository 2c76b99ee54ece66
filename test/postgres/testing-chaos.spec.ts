import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type Stripe from 'stripe';
import { postgresEngine } from '../../src/postgres/index.js';
import type { PostgresEngineOptions } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
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

/** One statement of the database: to be run in a transaction it is given. */
@Injectable()
class Balances {
  table = '';

  async credit(transaction: Queryable, customer: string, amount: number): Promise<void> {
    await transaction.query(
      `INSERT INTO ${this.table} VALUES ($1, $2)
       ON CONFLICT (customer) DO UPDATE SET balance = ${this.table}.balance + excluded.balance`,
      [customer, amount],
    );
  }
}

type Queryable = Pick<PoolClient, 'query'>;

/** Would credit again when it is run again, if its transaction and its success were not one. */
@Injectable()
class CreditsInTransaction {
  constructor(private readonly balances: Balances) {}

  @OnStripeEvent('invoice.paid', { transaction: true })
  async credit(
    { data: { object } }: Stripe.InvoicePaidEvent,
    { transaction }: StripeWebhookContext,
  ): Promise<void> {
    const customer = object.customer as string;
    await this.balances.credit(transaction as Queryable, customer, object.amount_paid);
    await this.balances.credit(transaction as Queryable, 'everybody', object.amount_paid);
  }
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

  it('lets a handler pass whose writes and success are one transaction', async () => {
    const { pool, schema } = createTestSchema();
    const { app, tester } = await startWebhookApp({
      adapter,
      providers: [Balances, CreditsInTransaction],
      inbox: { engine: postgresEngine({ pool, schema }) },
    });
    const table = `${schema}.balances`;
    app.get(Balances).table = table;
    await pool.query(`CREATE TABLE ${table} (customer text PRIMARY KEY, balance int NOT NULL)`);
    const tried = tester
      .chaos(EVENTS)
      .startingFrom(() => pool.query(`TRUNCATE ${table}`))
      .runs(10);

    const { runs } = await tried.expectSameOutcome(
      async () => (await pool.query(`SELECT * FROM ${table} ORDER BY customer`)).rows,
    );

    expect(runs).toBeGreaterThan(10);
  });
});
