import 'reflect-metadata';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import {
  HandlerAbortedError,
  InboxUnavailableError,
  OnWebhook,
  VerifyWebhook,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { Clock, WebhookContext } from '../../src/index.js';
import { manualClock, signStripe, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { send } from '../support/send.js';
import type { Answer } from '../support/send.js';

const SHUTDOWN_TIMEOUT_MS = 7000;

/** An application with a handler that the test holds, and a promise that says when the drain has begun. */
async function startHeldApp(adapter: Adapter) {
  const clock = manualClock();
  const draining = deferred();
  const watchedClock: Clock = {
    now: () => clock.now(),
    setTimer: (callback, delayMs) => {
      if (delayMs === SHUTDOWN_TIMEOUT_MS) draining.resolve();
      return clock.setTimer(callback, delayMs);
    },
  };
  const started = deferred<WebhookContext>();
  const finish = deferred();
  @Injectable()
  class Held {
    @OnWebhook('stripe', '*')
    async run(_event: object, context: WebhookContext): Promise<void> {
      started.resolve(context);
      await finish.promise;
    }
  }
  @Controller('own')
  class OwnController {
    @Post()
    @VerifyWebhook('own')
    receive(): void {}
  }
  const { app, stripe } = await startWebhookApp({
    adapter,
    endpoints: [{}, { name: 'own', path: false }],
    controllers: [OwnController],
    clock: watchedClock,
    inbox: { shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS },
    providers: [Held],
  });
  return { app, clock, draining: draining.promise, started: started.promise, finish, stripe };
}

function postEvent(
  app: INestApplication,
  agent: Agent,
  event: object,
  { path = 'webhooks/stripe', secret = 'whsec_stripe' } = {},
): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const body = JSON.stringify(event);
  const headers = { 'stripe-signature': signStripe({ body, secret }) };
  return send(`http://127.0.0.1:${port}/${path}`, { body, headers, agent });
}

describe.each(ADAPTERS)('shutting down on %s', (adapter) => {
  const agent = new Agent({ keepAlive: true });
  afterEach(() => {
    agent.destroy();
    jest.restoreAllMocks();
  });

  it('lets a running handler finish, and its caller gets 200', async () => {
    const { app, draining, started, finish, stripe } = await startHeldApp(adapter);

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const { signal } = await started;
    const closed = app.close();
    await draining;
    finish.resolve();

    expect((await answered).status).toBe(200);
    expect(signal.aborted).toBe(false);
    await expect(closed).resolves.toBeUndefined();
  });

  it('answers a new request 503 with Retry-After meanwhile, and runs nothing for it', async () => {
    const { app, draining, started, finish } = await startHeldApp(adapter);
    const running = postEvent(app, agent, stripeEvent('invoice.paid'));
    await started;
    const closed = app.close();
    await draining;

    const refused = [
      await postEvent(app, agent, stripeEvent('invoice.paid')),
      await postEvent(app, agent, stripeEvent('invoice.paid'), {
        path: 'own',
        secret: 'whsec_own',
      }),
    ];
    finish.resolve();

    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    expect(refused.map(({ headers }) => Number(headers['retry-after']))).toEqual([10, 10]);
    expect((await running).status).toBe(200);
    await closed;
  });

  it('refuses what is given to receive() meanwhile', async () => {
    const { app, draining, started, finish, stripe } = await startHeldApp(adapter);
    const admin = app.get(WebhookInboxAdmin);
    const answered = stripe().send(stripeEvent('invoice.paid'));
    await started;
    const closed = app.close();
    await draining;

    const received = admin.receive({ endpoint: 'stripe', event: stripeEvent('invoice.paid') });

    await expect(received).rejects.toBeInstanceOf(InboxUnavailableError);
    finish.resolve();
    await Promise.all([answered, closed]);
  });

  it('aborts a handler after shutdownTimeoutMs, and its caller gets 500', async () => {
    const { app, clock, draining, started, finish } = await startHeldApp(adapter);
    const answered = postEvent(app, agent, stripeEvent('invoice.paid'));
    const { signal } = await started;
    const closed = app.close();
    await draining;
    await clock.advance(SHUTDOWN_TIMEOUT_MS - 1);
    const wasAborted = signal.aborted;

    await clock.advance(1);

    expect(wasAborted).toBe(false);
    expect(signal.reason).toBeInstanceOf(HandlerAbortedError);
    expect((await answered).status).toBe(500);
    await expect(closed).resolves.toBeUndefined();
    finish.resolve();
  });

  it('finishes a running request on SIGTERM with enableShutdownHooks, then ends', async () => {
    const { app, draining, started, finish, stripe } = await startHeldApp(adapter);
    const killed = deferred<unknown[]>();
    jest.spyOn(process, 'kill').mockImplementation((...args) => {
      killed.resolve(args);
      return true;
    });
    app.enableShutdownHooks(['SIGTERM']);
    const answered = stripe().send(stripeEvent('invoice.paid'));
    await started;

    process.emit('SIGTERM', 'SIGTERM');
    await draining;
    finish.resolve();

    expect((await answered).status).toBe(200);
    await expect(killed.promise).resolves.toEqual([process.pid, 'SIGTERM']);
    expect(app.getHttpServer().listening).toBe(false);
  });

  it('ends at once when nothing runs, and can be closed twice', async () => {
    const { app } = await startHeldApp(adapter);

    await app.close();
    await app.close();

    expect(app.getHttpServer().listening).toBe(false);
  });
});
