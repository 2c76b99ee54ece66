import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { RetryAfterError, WebhookInbox } from '../../src/index.js';
import type { StoredEvent, WebhookHandlerOptions, WebhookInboxOptions } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { createTestSchema, testPool } from './test-schema.js';

type Run = (event: Stripe.Event, context: StripeWebhookContext) => unknown;

function handlerThat(run: Run, options: WebhookHandlerOptions = {}) {
  @Injectable()
  class Handler {
    @OnStripeEvent('*', { id: 'handler', ...options })
    handle(event: Stripe.Event, context: StripeWebhookContext): unknown {
      return run(event, context);
    }
  }
  return Handler;
}

describe.each(ADAPTERS)('an application on PostgreSQL with %s', (adapter) => {
  const start = (
    schema: ReturnType<typeof createTestSchema>,
    handler: ReturnType<typeof handlerThat> | undefined,
    inbox: WebhookInboxOptions = {},
  ): Promise<WebhookApp> =>
    startWebhookApp({
      adapter,
      providers: handler ? [handler] : [],
      inbox: { engine: postgresEngine(schema), retry: { minDelayMs: 1, maxDelayMs: 5 }, ...inbox },
    });

  const find = async ({ app }: WebhookApp, id: string): Promise<StoredEvent | undefined> =>
    app.get(WebhookInbox).find('stripe', id);

  it('answers when the event is stored, and runs the handler after that', async () => {
    const release = deferred<void>();
    const started = deferred<void>();
    const webhookApp = await start(
      createTestSchema(),
      handlerThat(() => {
        started.resolve();
        return release.promise;
      }),
    );
    const event = stripeEvent('invoice.paid');

    const { status } = await webhookApp.stripe().send(event);

    expect(status).toBe(200);
    await started.promise;
    expect(await find(webhookApp, event.id)).toMatchObject({ deliveries: [{ status: 'running' }] });
    release.resolve();
  });

  it('answers when the handler has ended, where that asks for it', async () => {
    const webhookApp = await start(
      createTestSchema(),
      handlerThat(() => Promise.reject(new Error('no')), {
        ack: 'handled',
        retry: { minDelayMs: 60_000, maxDelayMs: 60_000 },
      }),
    );

    const { status } = await webhookApp.stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
  });

  it('runs a handler again by itself until it succeeds', async () => {
    const attempts: number[] = [];
    const succeeded = deferred<void>();
    const webhookApp = await start(
      createTestSchema(),
      handlerThat((_event, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('not yet');
        succeeded.resolve();
      }),
    );

    await webhookApp.stripe().send(stripeEvent('invoice.paid'));

    await succeeded.promise;
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('gives up after as many attempts as the handler has, and tells', async () => {
    const dead = deferred<object>();
    const webhookApp = await start(
      createTestSchema(),
      handlerThat(() => Promise.reject(new Error('never')), { retry: { attempts: 2 } }),
      { onDead: (delivery) => dead.resolve(delivery) },
    );

    await webhookApp.stripe().send(stripeEvent('invoice.paid'));

    expect(await dead.promise).toMatchObject({ attempts: 2, error: { message: 'never' } });
  });

  it('does not start a handler again whose process ended in its last attempt', async () => {
    const schema = createTestSchema();
    const storing = await start(
      schema,
      handlerThat(() => undefined),
      { worker: false },
    );
    const event = stripeEvent('invoice.paid');
    await storing.stripe().send(event);
    await testPool().query(`UPDATE ${schema.schema}.webhook_delivery SET attempts = 2`);
    const dead = deferred<object>();
    const runs: string[] = [];

    await start(
      schema,
      handlerThat(() => runs.push('run'), { retry: { attempts: 2 } }),
      { onDead: (delivery) => dead.resolve(delivery) },
    );

    expect(await dead.promise).toMatchObject({ error: { code: 'attempts_exhausted' } });
    expect(runs).toEqual([]);
  });

  it('keeps to the time that a handler has set, also when the event comes again', async () => {
    const runs: number[] = [];
    const failed = deferred<void>();
    const webhookApp = await start(
      createTestSchema(),
      handlerThat(
        (_event, { attempt }) => {
          runs.push(attempt);
          failed.resolve();
          throw new RetryAfterError(60_000);
        },
        { ack: 'handled' },
      ),
    );
    const event = stripeEvent('invoice.paid');
    await webhookApp.stripe().send(event);
    await failed.promise;

    const { status } = await webhookApp.stripe().send(event);

    expect(status).toBe(500);
    expect(runs).toEqual([1]);
    const [delivery] = (await find(webhookApp, event.id))!.deliveries;
    expect(delivery!.retryAt!.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });

  it('stores in one process and runs in another', async () => {
    const schema = createTestSchema();
    const ranIn = deferred<string>();
    const web = await start(
      schema,
      handlerThat(() => ranIn.resolve('web')),
      { worker: false },
    );
    await start(
      schema,
      handlerThat(() => ranIn.resolve('worker')),
    );

    await web.stripe().send(stripeEvent('invoice.paid'));

    expect(await ranIn.promise).toBe('worker');
  });

  it('leaves a delivery whose handler it lacks to a process that has it, and counts nothing', async () => {
    const schema = createTestSchema();
    const storing = await start(
      schema,
      handlerThat(() => undefined),
      { worker: false },
    );
    const event = stripeEvent('invoice.paid');
    await storing.stripe().send(event);
    const warned = deferred<string>();
    const renamed = await startWebhookApp({
      adapter,
      inbox: { engine: postgresEngine(schema) },
      override: (builder) =>
        builder.setLogger({ ...silent, warn: (line: string) => warned.resolve(line) }),
    });
    expect(await warned.promise).toContain('This process has no handler handler');
    await renamed.app.close();
    const attempt = deferred<number>();

    await start(
      schema,
      handlerThat((_event, context) => attempt.resolve(context.attempt)),
    );

    expect(await attempt.promise).toBe(1);
  });
});

const silent = { log: () => undefined, error: () => undefined, warn: () => undefined };
