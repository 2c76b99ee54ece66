import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  ClsPluginTransactional,
  Propagation,
  Transactional,
  TransactionHost,
} from '@nestjs-cls/transactional';
import { TransactionalAdapterDrizzleOrm } from '@nestjs-cls/transactional-adapter-drizzle-orm';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { ClsModule } from 'nestjs-cls';
import pg from 'pg';
import { WebhookInbox, WebhookInboxModule } from '../../src/index.js';
import { drizzleTransactions, postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter, WebhookApp } from '../support/build-webhook-app.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

type Adapters = TransactionalAdapterDrizzleOrm<NodePgDatabase>;

const pools: pg.Pool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

async function start(
  adapter: Adapter,
  fails: boolean,
): Promise<WebhookApp & { readonly written: () => Promise<number> }> {
  const { pool, schema } = createTestSchema();
  const table = sql.raw(`${schema}.fulfilment`);
  await pool.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.fulfilment (event_id text)`);
  const own = new pg.Pool({ connectionString: POSTGRES_URL });
  pools.push(own);
  const database = drizzle(own);

  @Injectable()
  class Orders {
    constructor(private readonly host: TransactionHost<Adapters>) {}

    @OnStripeEvent('*', { transaction: true, ack: 'handled' })
    async fulfil({ id }: { id: string }): Promise<void> {
      await this.save(id);
      if (fails) throw new Error('no');
    }

    @Transactional()
    async save(id: string): Promise<void> {
      const transaction = this.host.tx as NodePgDatabase;
      await transaction.execute(sql`INSERT INTO ${table} VALUES (${id})`);
    }
  }

  const transactional = new ClsPluginTransactional({
    adapter: new TransactionalAdapterDrizzleOrm({ drizzleInstanceToken: 'database' }),
    imports: [
      {
        module: class DatabaseModule {},
        providers: [{ provide: 'database', useValue: database }],
        exports: ['database'],
      },
    ],
  });
  const webhookApp = await startWebhookApp({
    adapter,
    providers: [Orders],
    imports: [
      ClsModule.forRoot({ global: true, plugins: [transactional] }),
      WebhookInboxModule.forRootAsync({
        inject: [TransactionHost],
        useFactory: (host: TransactionHost<Adapters>) => ({
          engine: postgresEngine({
            pool,
            schema,
            transactions: {
              ...drizzleTransactions(database),
              run: (work) =>
                host.withTransaction(Propagation.RequiresNew, () => work(host.tx as never)),
            },
          }),
        }),
      }),
    ],
  });
  const written = async (): Promise<number> =>
    (await testPool().query(`SELECT count(*)::int FROM ${schema}.fulfilment`)).rows[0].count;
  return { ...webhookApp, written };
}

describe.each(ADAPTERS)(
  'a handler in a transaction of @nestjs-cls/transactional, with %s,',
  (adapter) => {
    it.each([
      [1, 'succeeds', 'succeeded', false],
      [0, 'fails', 'failed', true],
    ])(
      'has %i row committed of its @Transactional method when it %s',
      async (count, _name, status, fails) => {
        const { app, stripe, written } = await start(adapter, fails);
        const event = stripeEvent('invoice.paid');

        await stripe().send(event);

        const stored = await app.get(WebhookInbox).find('stripe', event.id);
        expect(stored?.deliveries).toMatchObject([{ status, attempts: 1 }]);
        expect(await written()).toBe(count);
      },
    );
  },
);
