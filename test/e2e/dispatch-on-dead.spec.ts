import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, OnWebhook, WebhookInbox } from '../../src/index.js';
import type { StoredEvent, WebhookContext } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { watchedClock } from '../support/watched-clock.js';

const SHUTDOWN_TIMEOUT_MS = 7000;

const hopeless = stripeEvent('invoice.paid', { id: 'evt_hopeless' });
const good = stripeEvent('invoice.paid', { id: 'evt_good' });

@Injectable()
class Handler {
  @OnWebhook('stripe', '*')
  run(_event: object, { eventId }: WebhookContext): void {
    if (eventId === 'evt_hopeless') throw new NonRetriableError('no such plan');
  }
}

/** An application with one slot and an `onDead` that returns when the test lets it. */
async function startHeldApp(adapter: Adapter) {
  const clock = watchedClock();
  const called = deferred();
  const finish = deferred();
  const webhookApp = await startWebhookApp({
    adapter,
    clock,
    inbox: {
      concurrency: 1,
      shutdownTimeoutMs: SHUTDOWN_TIMEOUT_MS,
      onDead: async () => {
        called.resolve();
        await finish.promise;
      },
    },
    providers: [Handler],
  });
  return { ...webhookApp, clock, called: called.promise, finish };
}

describe.each(ADAPTERS)('`onDead` on %s', (adapter) => {
  it('delays neither the answer nor the next event, however long it takes', async () => {
    const { called, finish, stripe } = await startHeldApp(adapter);

    const dead = await stripe().send(hopeless);
    await called;
    const next = await stripe().send(good);

    expect([dead.status, next.status]).toEqual([200, 200]);
    expect(dead.deliveries).toMatchObject([{ status: 'dead' }]);
    expect(next.deliveries).toMatchObject([{ status: 'succeeded' }]);
    finish.resolve();
  });

  it('finds the delivery dead in the inbox', async () => {
    const found = deferred<StoredEvent | undefined>();
    let inbox: WebhookInbox | undefined;
    const { app, stripe } = await startWebhookApp({
      adapter,
      inbox: { onDead: async ({ source, id }) => found.resolve(await inbox?.find(source, id)) },
      providers: [Handler],
    });
    inbox = app.get(WebhookInbox);

    await stripe().send(hopeless);

    await expect(found.promise).resolves.toMatchObject({
      id: 'evt_hopeless',
      deliveries: [{ handler: 'Handler.run', status: 'dead', attempts: 1 }],
    });
  });

  it('is waited for by a shutdown', async () => {
    const { app, clock, called, finish, logger, stripe } = await startHeldApp(adapter);
    const draining = clock.whenSet(SHUTDOWN_TIMEOUT_MS);
    await stripe().send(hopeless);
    await called;

    const closed = app.close();
    await draining;
    await clock.advance(SHUTDOWN_TIMEOUT_MS - 1);
    const pendingMeanwhile = clock.pendingDelaysMs();
    finish.resolve();
    await closed;

    expect(pendingMeanwhile).toEqual([SHUTDOWN_TIMEOUT_MS]);
    expect(clock.pendingDelaysMs()).toEqual([]);
    expect(logger.ofInbox('warn')).toEqual([]);
  });

  it('is no longer waited for after shutdownTimeoutMs', async () => {
    const { app, clock, called, finish, stripe } = await startHeldApp(adapter);
    const draining = clock.whenSet(SHUTDOWN_TIMEOUT_MS);
    await stripe().send(hopeless);
    await called;

    const closed = app.close();
    await draining;
    await clock.advance(SHUTDOWN_TIMEOUT_MS);

    await expect(closed).resolves.toBeUndefined();
    finish.resolve();
  });
});
