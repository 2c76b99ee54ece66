import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { memoryEngine, WebhookInbox } from '../../src/index.js';
import type { Acceptance } from '../../src/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, FALLBACK, startCardApp } from '../support/card-app.js';
import { deferred } from '../support/deferred.js';
import { observedEngine } from '../support/observed-engine.js';

describe.each(ADAPTERS)('a shutdown during a reply on %s', (adapter) => {
  it('waits for an engine that hangs no longer than for handlers, and logs what it did not keep', async () => {
    const shuttingDown = deferred();
    const { engine } = observedEngine({ accept: () => new Promise(() => {}) });
    const { app, clock, logger, stripe } = await startCardApp(() => APPROVED, {
      adapter,
      inbox: { engine, shutdownTimeoutMs: 7_000 },
      providers: [{ provide: 'hook', useValue: { onModuleDestroy: shuttingDown.resolve } }],
    });

    const { body } = await stripe().send(cardRequest({ id: 'evt_1' }));
    const closed = app.close();
    await shuttingDown.promise;
    await clock.advance(7_000);
    await closed;

    expect(body).toEqual(APPROVED);
    expect(logger.ofInbox('error')).toEqual([
      expect.stringMatching(/evt_1 was sent, and could not be stored.*shutdown/),
    ]);
  });

  it('lets a running handler decide, and waits until that is stored', async () => {
    const started = deferred();
    const decided = deferred<typeof APPROVED>();
    const storing = deferred();
    const stored = deferred();
    const order: string[] = [];
    const memory = memoryEngine();
    const { engine } = observedEngine({
      accept: async (arrivals) => {
        storing.resolve();
        await stored.promise;
        order.push('stored');
        return arrivals.map((): Acceptance => ({ status: 'accepted' }));
      },
      stop: async () => {
        order.push('stopped');
        await memory.stop();
      },
    });
    const draining = deferred();
    const { app, stripe } = await startCardApp(
      () => {
        started.resolve();
        return decided.promise;
      },
      {
        adapter,
        inbox: { engine },
        providers: [{ provide: 'hook', useValue: { onModuleDestroy: draining.resolve } }],
      },
    );

    const answered = stripe().send(cardRequest());
    await started.promise;
    const closed = app.close();
    await draining.promise;
    decided.resolve(APPROVED);
    const { body } = await answered;
    await storing.promise;
    order.push('answered');
    stored.resolve();
    await closed;

    expect(body).toEqual(APPROVED);
    expect(order).toEqual(['answered', 'stored', 'stopped']);
  });

  it('keeps the fallback of a handler that a shutdown no longer waits for', async () => {
    const started = deferred<AbortSignal>();
    const draining = deferred();
    const { app, clock, stripe } = await startCardApp(
      (_event, { signal }) => {
        started.resolve(signal);
        return new Promise(() => {});
      },
      {
        adapter,
        inbox: { shutdownTimeoutMs: 500 },
        providers: [{ provide: 'hook', useValue: { onModuleDestroy: draining.resolve } }],
      },
    );
    const event = cardRequest();

    const answered = stripe().send(event);
    const signal = await started.promise;
    const closed = app.close();
    await draining.promise;
    await clock.advance(500);
    const { body } = await answered;
    await closed;

    expect(body).toEqual(FALLBACK);
    expect(signal.aborted).toBe(true);
    const stored = await app.get(WebhookInbox).find('stripe', event.id);
    expect(stored?.deliveries).toMatchObject([
      { status: 'dead', error: { name: 'HandlerAbortedError' }, reply: FALLBACK },
    ]);
  });
});
