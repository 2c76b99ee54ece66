import 'reflect-metadata';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import type Stripe from 'stripe';
import {
  NonRetriableError,
  SkipDelivery,
  WEBHOOK_INBOX_ENGINE,
  WebhookConfigurationError,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { WebhookEngine, WebhookHandlerOptions, WebhookInboxOptions } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter, WebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { testDirectory } from './test-directory.js';
import { createTestSchema, testPool } from './test-schema.js';

const ATTEMPT_ENDED = 'nestjs-webhook-inbox:attempt.ended';

type Context = StripeWebhookContext<PoolClient>;
type Run = (context: Context, write: () => Promise<unknown>) => unknown;

interface Bench extends WebhookApp {
  readonly schema: string;
  /** The ids of the events that the handler has written. */
  readonly written: () => Promise<string[]>;
  /** Sends an event whose answer waits for the handler, and gives what became of its delivery. */
  readonly send: () => Promise<object | undefined>;
}

function handlerThat(schema: string, run: Run, options: WebhookHandlerOptions = {}) {
  @Injectable()
  class Orders {
    @OnStripeEvent('*', { transaction: true, ack: 'handled', id: 'orders', ...options })
    fulfil({ id }: Stripe.Event, context: Context): unknown {
      const insert = `INSERT INTO ${schema}.fulfilment VALUES ($1)`;
      return run(context, () => context.transaction.query(insert, [id]));
    }
  }
  return Orders;
}

async function openBench(
  adapter: Adapter,
  run: Run,
  { handler, ...inbox }: WebhookInboxOptions & { handler?: WebhookHandlerOptions } = {},
): Promise<Bench> {
  const { pool, schema } = createTestSchema();
  await testPool().query(
    `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.fulfilment (event_id text)`,
  );
  const retry = { minDelayMs: 60_000, maxDelayMs: 60_000 };
  const webhookApp = await startWebhookApp({
    adapter,
    providers: [handlerThat(schema, run, handler)],
    inbox: { engine: postgresEngine({ pool, schema }), retry, ...inbox },
  });
  const written = async (): Promise<string[]> =>
    (await testPool().query(`SELECT event_id FROM ${schema}.fulfilment`)).rows.map(
      ({ event_id }) => event_id,
    );
  const send = async (): Promise<object | undefined> => {
    const event = stripeEvent('invoice.paid');
    await webhookApp.stripe().send(event);
    return (await webhookApp.app.get(WebhookInbox).find('stripe', event.id))?.deliveries[0];
  };
  return { ...webhookApp, schema, written, send };
}

describe.each(ADAPTERS)('a handler with a transaction, with %s,', (adapter) => {
  it('has what it wrote committed when it succeeds', async () => {
    const { send, written } = await openBench(adapter, (_context, write) => write());

    expect(await send()).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await written()).toHaveLength(1);
  });

  it.each([
    ['failed', new Error('no')],
    ['dead', new NonRetriableError('never')],
    ['skipped', new SkipDelivery('not ours')],
  ])('has nothing committed when it is %s', async (status, thrown) => {
    const { send, written } = await openBench(adapter, async (_context, write) => {
      await write();
      throw thrown;
    });

    expect(await send()).toMatchObject({ status });
    expect(await written()).toEqual([]);
  });

  it('has nothing committed when `around` fails after it', async () => {
    const { send, written } = await openBench(adapter, (_context, write) => write(), {
      around: async (_context, run) => {
        await run();
        throw new Error('around');
      },
    });

    expect(await send()).toMatchObject({ status: 'failed', error: { message: 'around' } });
    expect(await written()).toEqual([]);
  });

  it('finds its transaction in `around` too', async () => {
    const rows = deferred<object[]>();
    const { send } = await openBench(adapter, () => undefined, {
      around: async (context, run) => {
        const client = context.transaction as PoolClient;
        rows.resolve((await client.query('SELECT 1 AS one')).rows);
        return run();
      },
    });

    expect(await send()).toMatchObject({ status: 'succeeded' });
    expect(await rows.promise).toEqual([{ one: 1 }]);
  });

  it('fails with the database’s own error where that cannot commit, and is run again', async () => {
    const bench: Bench = await openBench(
      adapter,
      async ({ attempt, transaction }, write) => {
        await transaction.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
        await transaction.query(`SELECT count(*) FROM ${bench.schema}.fulfilment`);
        await write();
        if (attempt === 1) await writeBesides(bench.schema);
      },
      { retry: { minDelayMs: 1, maxDelayMs: 5 } },
    );
    const event = stripeEvent('invoice.paid');
    const succeeded = attemptThatSucceeds(event.id);
    await bench.stripe().send(event);

    expect(await succeeded).toBe(2);
    expect(bench.logger.ofInbox('error')).toEqual([
      expect.stringContaining('attempt 1: error: could not serialize access'),
    ]);
    expect((await bench.written()).sort()).toEqual(['besides', event.id].sort());
  });

  it('is refused its commit after it was given up, and its client is of no more use', async () => {
    const resume = deferred<void>();
    const late = deferred<unknown>();
    const { app, stripe, written } = await openBench(
      adapter,
      async (_context, write) => {
        await write();
        await resume.promise;
        await write().catch(late.resolve);
      },
      { timeoutMs: 50, abandonAfterMs: 100 },
    );

    const event = stripeEvent('invoice.paid');
    await stripe().send(event);
    const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE);
    const givenUp = await engine.attempted({ source: 'stripe', id: event.id });
    resume.resolve();

    expect(givenUp?.deliveries).toMatchObject([{ status: 'failed' }]);
    expect(await late.promise).toMatchObject({ message: 'Client was closed and is not queryable' });
    expect(await written()).toEqual([]);
  });
});

describe('context.transaction', () => {
  it('is refused to a handler that has not asked for it', async () => {
    const { send } = await openBench('express', ({ transaction }) => transaction, {
      handler: { transaction: false },
    });

    expect(await send()).toMatchObject({
      status: 'failed',
      error: { message: 'orders has no transaction. Give its decorator { transaction: true }.' },
    });
  });

  it.each([
    ['in memory', async () => ({})],
    ['embedded', async () => ({ engine: postgresEngine({ embedded: await testDirectory() }) })],
  ])('refuses to start where the engine is %s', async (_name, inbox) => {
    const { app } = await buildWebhookApp({
      adapter: 'express',
      providers: [handlerThat('public', () => undefined)],
      inbox: await inbox(),
    });

    await expect(app.init()).rejects.toThrow(
      'Handler orders asks for a transaction, which the configured engine does not have.',
    );
  });
});

describe('an event that is given to receive() with a transaction', () => {
  const receive = ({ app }: Bench, transaction: PoolClient, event: Stripe.Event) =>
    app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event, transaction });

  it('runs when the caller commits', async () => {
    const ran = deferred<string>();
    const bench = await openBench('express', ({ eventId }) => ran.resolve(eventId));
    const event = stripeEvent('invoice.paid');
    const client = await testPool().connect();
    await client.query('BEGIN');

    const stored = await receive(bench, client, event);

    expect(stored).toMatchObject({ id: event.id, deliveries: [{ status: 'pending' }] });
    await client.query('COMMIT');
    client.release();
    expect(await ran.promise).toBe(event.id);
  });

  it('is not there when the caller rolls back', async () => {
    const bench = await openBench('express', () => undefined);
    const event = stripeEvent('invoice.paid');
    const client = await testPool().connect();
    await client.query('BEGIN');
    await receive(bench, client, event);

    await client.query('ROLLBACK');

    client.release();
    expect(await bench.app.get(WebhookInbox).find('stripe', event.id)).toBeUndefined();
  });

  it('is refused where the engine has no transactions', async () => {
    const { app } = await startWebhookApp({ adapter: 'express' });
    const event = stripeEvent('invoice.paid');

    const receiving = app
      .get(WebhookInboxAdmin)
      .receive({ endpoint: 'stripe', event, transaction: {} });

    await expect(receiving).rejects.toThrow(WebhookConfigurationError);
  });
});

/** Resolves with the number of the attempt. */
function attemptThatSucceeds(id: string): Promise<number> {
  return new Promise((resolve) => {
    const onEnded = (message: unknown): void => {
      const { eventId, status, attempt } = message as Record<string, unknown>;
      if (eventId !== id || status !== 'succeeded') return;
      unsubscribe(ATTEMPT_ENDED, onEnded);
      resolve(attempt as number);
    };
    subscribe(ATTEMPT_ENDED, onEnded);
  });
}

/** Another serializable transaction that has read what the first one writes, and writes what it has read. */
async function writeBesides(schema: string): Promise<void> {
  const client = await testPool().connect();
  await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
  await client.query(`SELECT count(*) FROM ${schema}.fulfilment`);
  await client.query(`INSERT INTO ${schema}.fulfilment VALUES ('besides')`);
  await client.query('COMMIT');
  client.release();
}
