import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { WebhookContext } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { arrivals } from '../support/observe-arrivals.js';

const inbox = { timeoutMs: 1000, abandonAfterMs: 5000 };

/** A class whose handler holds its first attempt until the test lets it go. */
function heldHandler(timeoutMs: number) {
  const started = deferred<WebhookContext>();
  const finish = deferred();
  const attempts: number[] = [];
  @Injectable()
  class Held {
    @OnStripeEvent('*', { timeoutMs })
    async run(_event: object, context: WebhookContext): Promise<void> {
      attempts.push(context.attempt);
      started.resolve(context);
      if (context.attempt === 1) await finish.promise;
    }

    // Its filter turns away every event of these tests.
    @OnStripeEvent('*', { scope: 'connect', timeoutMs: 100_000 })
    skipped(): void {}
  }
  return { Held, started: started.promise, finish, attempts };
}

describe.each(ADAPTERS)('handlers with a timeoutMs of their own on %s', (adapter) => {
  it('answers 500 at a shorter time, whatever a skipped handler may take', async () => {
    const clock = manualClock();
    const { Held, started, finish } = heldHandler(200);
    const { stripe } = await startWebhookApp({ adapter, clock, inbox, providers: [Held] });

    const answered = stripe().send(stripeEvent('invoice.paid'));
    const { signal } = await started;
    await clock.advance(199);
    const wasAborted = signal.aborted;
    await clock.advance(1);
    const { status, deliveries } = await answered;

    expect(wasAborted).toBe(false);
    expect(signal.reason).toMatchObject({ handler: 'Held.run', timeoutMs: 200 });
    expect(status).toBe(500);
    expect(deliveries).toMatchObject([
      { handler: 'Held.run', status: 'running' },
      { handler: 'Held.skipped', status: 'skipped' },
    ]);
    finish.resolve();
  });

  it('gives a handler up at abandonAfterMs where its timeout is shorter', async () => {
    const clock = manualClock();
    const { Held, started, attempts } = heldHandler(4999);
    const { stripe } = await startWebhookApp({ adapter, clock, inbox, providers: [Held] });
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(5000);
    await first;
    const { status } = await stripe().send(event);

    expect(status).toBe(200);
    expect(attempts).toEqual([1, 2]);
  });

  it('gives a handler up at ten times its timeout where that is not shorter', async () => {
    const clock = manualClock();
    const { Held, started, attempts } = heldHandler(6000);
    const { stripe } = await startWebhookApp({ adapter, clock, inbox, providers: [Held] });
    const event = stripeEvent('invoice.paid');

    const first = stripe().send(event);
    await started;
    await clock.advance(53_999);
    const resentArrived = arrivals(event.id, 1);
    const resent = stripe().send(event);
    await resentArrived;
    await clock.advance(6000);
    const attemptsBefore = [...attempts];
    await clock.advance(1);
    const last = await stripe().send(event);

    expect((await first).status).toBe(500);
    expect((await resent).status).toBe(500);
    expect((await resent).deliveries).toMatchObject([{ status: 'running', attempts: 1 }, {}]);
    expect(attemptsBefore).toEqual([1]);
    expect(last.status).toBe(200);
    expect(attempts).toEqual([1, 2]);
  });
});
