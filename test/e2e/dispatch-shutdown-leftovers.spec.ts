import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { arrivals } from '../support/observe-arrivals.js';
import { watchedClock } from '../support/watched-clock.js';

const TIMEOUT_MS = 20_000;
const SHUTDOWN_TIMEOUT_MS = 7000;

describe.each(ADAPTERS)('a shutdown that gave up on %s', (adapter) => {
  it.each([
    // Its own, and one for each sender that waits.
    ['in its time', 0, 3],
    ['past its timeout', TIMEOUT_MS, 1],
  ])('leaves no timer of a handler that never returns, %s', async (_when, elapsedMs, timers) => {
    const clock = watchedClock();
    const started = deferred();
    @Injectable()
    class Stuck {
      @OnWebhook('stripe', '*')
      run(): Promise<void> {
        started.resolve();
        return new Promise(() => undefined);
      }
    }
    const { app, stripe } = await buildWebhookApp({
      adapter,
      clock,
      inbox: { concurrency: 1, timeoutMs: TIMEOUT_MS, shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS },
      providers: [Stuck],
    });
    const [running, waiting] = [stripeEvent('invoice.paid'), stripeEvent('invoice.paid')];
    const answers = [stripe().send(running)];
    await started.promise;
    const bothArrived = arrivals(waiting.id, 1);
    answers.push(stripe().send(waiting));
    await bothArrived;
    await clock.advance(elapsedMs);
    const pendingBefore = clock.pendingDelaysMs().length;

    const draining = clock.whenSet(SHUTDOWN_TIMEOUT_MS);
    const closed = app.close();
    await draining;
    await clock.advance(SHUTDOWN_TIMEOUT_MS);
    await closed;
    // Waits for nothing: the time stands still now.
    await app.close();

    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([500, 500]);
    expect(pendingBefore).toBe(timers);
    expect(clock.pendingDelaysMs()).toEqual([]);
  });
});
