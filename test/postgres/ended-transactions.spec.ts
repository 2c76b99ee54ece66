import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import pg from 'pg';
import type { PoolClient } from 'pg';
import type Stripe from 'stripe';
import { WebhookConfigurationError, WebhookInbox, WebhookInboxAdmin } from '../../src/index.js';
import { pgTransactions, postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

describe.each(ADAPTERS)('a transaction with %s', (adapter) => {
  it.each([
    [[], 'COMMIT'],
    [[], 'ROLLBACK'],
    // As a function does that was made to be called outside of one.
    [['BEGIN'], 'COMMIT'],
  ])('that its handler ends (%s %s) makes the delivery dead, and says why', async (begin, end) => {
    @Injectable()
    class Orders {
      @OnStripeEvent('*', { transaction: true, ack: 'handled', id: 'orders' })
      async fulfil(_event: Stripe.Event, { transaction }: StripeWebhookContext<PoolClient>) {
        for (const statement of [...begin, 'SELECT 1', end]) await transaction.query(statement);
      }
    }
    const inbox = { engine: postgresEngine(createTestSchema()) };
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Orders], inbox });
    const event = stripeEvent('invoice.paid');

    await stripe().send(event);

    expect((await app.get(WebhookInbox).find('stripe', event.id))?.deliveries).toMatchObject([
      { status: 'dead', attempts: 1, error: { code: 'transaction_ended' } },
    ]);
  });

  it('that is not one is refused by receive(), and nothing is stored', async () => {
    const inbox = { engine: postgresEngine(createTestSchema()) };
    const { app } = await startWebhookApp({ adapter, inbox });
    const event = stripeEvent('invoice.paid');

    const receiving = app
      .get(WebhookInboxAdmin)
      .receive({ endpoint: 'stripe', event, transaction: testPool() });

    await expect(receiving).rejects.toThrow(WebhookConfigurationError);
    expect(await app.get(WebhookInbox).find('stripe', event.id)).toBeUndefined();
  });
});

it('a commit that PostgreSQL turns into a rollback is an error', async () => {
  const committing = pgTransactions(testPool()).run(async (client) => {
    await client.query({ text: 'SELECT 1 / 0' }).catch(() => undefined);
  }, new AbortController().signal);

  await expect(committing).rejects.toThrow('A statement has failed: it was rolled back.');
});

it('a transaction that was given up while it waited for a connection does not begin', async () => {
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 1 });
  const holder = await pool.connect();
  const attempt = new AbortController();
  let hasBegun = false;

  const waiting = pgTransactions(pool).run(async () => {
    hasBegun = true;
  }, attempt.signal);
  attempt.abort();
  holder.release();

  await expect(waiting).rejects.toThrow('The attempt was given up.');
  expect(hasBegun).toBe(false);
  expect(pool.idleCount).toBe(1);
  await pool.end();
});
