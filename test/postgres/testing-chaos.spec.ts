import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type Stripe from 'stripe';
import { postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import {
  chaosOfAccounts,
  CUSTOMER_EVENTS,
  readAccounts,
  RIGHT_HANDLERS,
  WRONG_HANDLERS,
} from '../support/chaos-cases.js';
import { createTestSchema } from './test-schema.js';

// Many runs of a whole application.
jest.setTimeout(120_000);

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

function chaosOnPostgres(adapter: Adapter, handler: Type) {
  const inbox = { engine: postgresEngine(createTestSchema()) };
  return chaosOfAccounts({ adapter, providers: [handler], inbox });
}

describe.each(ADAPTERS)('chaos on PostgreSQL with %s', (adapter) => {
  it.each(WRONG_HANDLERS)(
    'finds that %p is wrong, by what it is told to try',
    async (handler, say) => {
      const tried = await chaosOnPostgres(adapter, handler);

      const told = say(tried).expectSameOutcome(readAccounts);

      await expect(told).rejects.toThrow('another state than after one orderly run');
    },
  );

  it.each(RIGHT_HANDLERS)('lets %p pass, whatever happens', async (handler) => {
    const tried = await chaosOnPostgres(adapter, handler);

    const { runs } = await tried.runs(10).expectSameOutcome(readAccounts);

    expect(runs).toBeGreaterThan(10);
  });

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
      .chaos(CUSTOMER_EVENTS)
      .startingFrom(() => pool.query(`TRUNCATE ${table}`))
      .runs(10);

    const { runs } = await tried.expectSameOutcome(
      async () => (await pool.query(`SELECT * FROM ${table} ORDER BY customer`)).rows,
    );

    expect(runs).toBeGreaterThan(10);
  });
});
