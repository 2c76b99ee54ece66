import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { HandlerTimeoutError, OnWebhook } from '../../src/index.js';
import type { WebhookContext, WebhookInboxOptions } from '../../src/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { arrivals } from '../support/observe-arrivals.js';

const LIMITS: WebhookInboxOptions = { timeoutMs: 1000, abandonAfterMs: 5000 };

/** An application with one handler, whose first run the test finishes itself. */
async function startHeldApp(adapter: Adapter, inbox = LIMITS) {
  const clock = manualClock();
  const started = deferred<WebhookContext>();
  const finish = deferred<void>();
  const attempts: number[] = [];
  @Injectable()
  class Held {
    @OnWebhook('stripe', '*')
    async run(_event: object, context: WebhookContext): Promise<void> {
      attempts.push(context.attempt);
      started.resolve(context);
      if (context.attempt === 1) await finish.promise;
    }
  }
  const { stripe } = await startWebhookApp({ adapter, clock, inbox, providers: [Held] });
  return { clock, started: started.promise, finish, attempts, stripe };
}

describe.each(ADAPTERS)('handlers that take too long on %s', (adapter) => {
  it('aborts the signal after timeoutMs, not before, and answers 500', async () => {
    const { clock, started, finish, stripe } = await startHeldApp(adapter);

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const { signal } = await started;
    await clock.advance(999);
    const wasAborted = signal.aborted;
    await clock.advance(1);
    const { status, deliveries } = await answered;

    expect(wasAborted).toBe(false);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(HandlerTimeoutError);
    expect(signal.reason).toMatchObject({ handler: 'Held.run', timeoutMs: 1000 });
    expect(status).toBe(500);
    expect(deliveries).toMatchObject([{ status: 'running', attempts: 1 }]);
    finish.resolve();
  });

  it('gives an aborted signal to a handler that asks for it only after the time', async () => {
    const { clock, started, finish, stripe } = await startHeldApp(adapter);

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const context = await started;
    await clock.advance(1000);
    await answered;

    expect(context.signal.reason).toBeInstanceOf(HandlerTimeoutError);
    finish.resolve();
  });

  it('does not start a second run while the first still runs, and waits for it instead', async () => {
    const { clock, started, finish, attempts, stripe } = await startHeldApp(adapter);
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(1000);
    await first;
    const repeated = arrivals(event.id, 1);
    const second = stripe().send(event);
    await repeated;
    finish.resolve();

    expect((await first).status).toBe(500);
    expect((await second).status).toBe(200);
    expect(attempts).toEqual([1]);
  });

  it('counts a late success', async () => {
    const { clock, started, finish, attempts, stripe } = await startHeldApp(adapter);
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(1000);
    await first;
    finish.resolve();
    const second = await stripe().send(event);
    const third = await stripe().send(event);

    expect([second.status, third.status]).toEqual([200, 200]);
    expect(third.deliveries).toMatchObject([{ status: 'succeeded', attempts: 1 }]);
    expect(attempts).toEqual([1]);
  });

  it('fails a run that rejects after its signal was aborted, and runs it again', async () => {
    const { clock, started, finish, attempts, stripe } = await startHeldApp(adapter);
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    const { signal } = await started;
    await clock.advance(1000);
    await first;
    const repeated = arrivals(event.id, 1);
    const second = stripe().send(event);
    await repeated;
    finish.reject(signal.reason);

    expect((await second).status).toBe(500);
    expect((await second).deliveries).toMatchObject([
      { status: 'failed', attempts: 1, error: { code: 'handler_timeout' } },
    ]);
    expect((await stripe().send(event)).status).toBe(200);
    expect(attempts).toEqual([1, 2]);
  });

  it('gives up a run that never returns after abandonAfterMs, and refuses its late result', async () => {
    const { clock, started, finish, attempts, stripe } = await startHeldApp(adapter);
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(4999);
    await first;
    await clock.advance(1);
    finish.resolve();
    const second = await stripe().send(event);

    expect(second.status).toBe(200);
    expect(second.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    expect(attempts).toEqual([1, 2]);
  });

  it('keeps as failed what was given up, though it succeeds later', async () => {
    const { clock, started, finish, stripe } = await startHeldApp(adapter, {
      ...LIMITS,
      retry: { attempts: 1 },
    });
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(5000);
    await first;
    finish.resolve();
    const second = await stripe().send(event);

    expect(second.deliveries).toMatchObject([
      { status: 'dead', attempts: 1, error: { name: 'HandlerTimeoutError' } },
    ]);
  });

  it("goes by a handler's own timeoutMs, also for how long the sender waits", async () => {
    const clock = manualClock();
    const started = deferred<WebhookContext>();
    const finish = deferred();
    @Injectable()
    class Slow {
      @OnWebhook('stripe', '*', { timeoutMs: 3000 })
      async run(_event: object, context: WebhookContext): Promise<void> {
        started.resolve(context);
        await finish.promise;
      }
    }
    const { stripe } = await startWebhookApp({ adapter, clock, inbox: LIMITS, providers: [Slow] });

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const { signal } = await started.promise;
    await clock.advance(2999);
    const wasAborted = signal.aborted;
    finish.resolve();
    const { status } = await answered;

    expect(wasAborted).toBe(false);
    expect(status).toBe(200);
  });

  it('never aborts the signal of a run that has returned in time', async () => {
    const { clock, started, finish, stripe } = await startHeldApp(adapter);

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const { signal } = await started;
    finish.resolve();
    await answered;
    await clock.advance(10_000);

    expect(signal.aborted).toBe(false);
  });
});
