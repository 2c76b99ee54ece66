import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { memoryEngine, WebhookInbox } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import {
  cardRequest,
  FALLBACK,
  REQUEST,
  startCardApp,
  startCountingCardApp,
} from '../support/card-app.js';
import { deferred } from '../support/deferred.js';
import { arrivals } from '../support/observe-arrivals.js';

const CANNOT = 'a reply handler runs only where its reply can be sent';

describe.each(ADAPTERS)('a request that is repeated on %s', (adapter) => {
  it('gets the reply that the first one got, and runs nothing', async () => {
    const { count, stripe } = await startCountingCardApp({ adapter });
    const event = cardRequest();

    const answers = [await stripe().send(event), await stripe().send(event)];

    expect(answers.map(({ body }) => body)).toEqual([
      { approved: true, amount: 1 },
      { approved: true, amount: 1 },
    ]);
    expect(answers[1]?.deliveries).toEqual(answers[0]?.deliveries);
    expect(count.runs).toBe(1);
  });

  it('gets the same reply when many come at the same moment', async () => {
    const decided = deferred<object>();
    const reached = deferred();
    let [requests, runs] = [0, 0];
    const counter: NestInterceptor = {
      intercept: (_context, next) => {
        requests += 1;
        if (requests === 5) reached.resolve();
        return next.handle();
      },
    };
    const { clock, stripe } = await startCardApp(
      () => {
        runs += 1;
        return decided.promise;
      },
      { adapter, providers: [{ provide: APP_INTERCEPTOR, useValue: counter }] },
    );
    const event = cardRequest();
    const stored = arrivals(event.id, 5);

    const answers = Promise.all(Array.from({ length: 5 }, () => stripe().send(event)));
    await reached.promise;
    await clock.advance(0);
    decided.resolve({ approved: true, amount: 7 });

    expect((await answers).map(({ body }) => body)).toEqual(
      Array.from({ length: 5 }, () => ({ approved: true, amount: 7 })),
    );
    expect(runs).toBe(1);
    await expect(stored).resolves.toBeUndefined();
  });

  it('waits for the one that runs, which is dead once when its time is over', async () => {
    const started = deferred();
    let [runs, deaths] = [0, 0];
    const { app, clock, stripe } = await startCardApp(
      () => {
        runs += 1;
        started.resolve();
        return new Promise(() => {});
      },
      { adapter, inbox: { onDead: () => void (deaths += 1) } },
    );
    const event = cardRequest();

    const first = stripe().send(event);
    await started.promise;
    await clock.advance(1_000);
    const secondRead = new Promise((resolve) => app.getHttpServer().once('request', resolve));
    const second = stripe().send(event);
    await secondRead;
    await clock.advance(500);

    expect((await first).body).toEqual(FALLBACK);
    expect((await second).body).toEqual(FALLBACK);
    await app.close();
    expect({ runs, deaths }).toEqual({ runs: 1, deaths: 1 });
  });

  it('gets it by another endpoint too, whose handlers run', async () => {
    const seen: string[] = [];
    @Injectable()
    class Audit {
      @OnStripeEvent(REQUEST, { endpoint: 'connect' })
      note(event: { id: string }): void {
        seen.push(event.id);
      }
    }
    const { app, count, stripe } = await startCountingCardApp({
      adapter,
      endpoints: [{}, { name: 'connect' }],
      providers: [Audit],
    });
    const event = cardRequest();

    await stripe().send(event);
    const { body } = await stripe('connect').send(event);

    expect(body).toEqual({ approved: true, amount: 1 });
    expect(count.runs).toBe(1);
    expect(seen).toEqual([event.id]);
    const stored = await app.get(WebhookInbox).find('stripe', event.id);
    expect(stored?.deliveries).toMatchObject([
      { handler: 'Cards.decide', endpoint: 'stripe' },
      { handler: 'Audit.note', endpoint: 'connect' },
    ]);
  });

  it('is replied to where the first was turned away', async () => {
    const { count, stripe } = await startCountingCardApp({
      adapter,
      endpoints: [{ livemode: true }, { name: 'test' }],
    });
    const event = cardRequest();

    const first = await stripe().send(event);
    const second = await stripe('test').send(event);

    expect(first.body).toEqual({ received: true });
    expect(second.body).toEqual({ approved: true, amount: 1 });
    expect(second.deliveries).toMatchObject([{ status: 'succeeded', endpoint: 'test' }]);
    expect(count.runs).toBe(1);
  });

  it('gets the fallback where the handler had the event before it was one that replies', async () => {
    const engine = memoryEngine();
    const { count, stripe } = await startCountingCardApp({ adapter, inbox: { engine } });
    const event = cardRequest();
    await engine.accept([
      {
        event: { ...STORED, id: event.id, rawBody: Buffer.from(JSON.stringify(event)) },
        deliveries: [{ handler: 'Cards.decide' }],
      },
    ]);
    await engine.attempted({ source: 'stripe', id: event.id });

    const { body, deliveries } = await stripe().send(event);

    // Its delivery came from the engine, to a handler that cannot reply there.
    expect(deliveries).toMatchObject([{ status: 'skipped', attempts: 1, reason: CANNOT }]);
    expect(body).toEqual(FALLBACK);
    expect(count.runs).toBe(0);
  });
});

const STORED = {
  source: 'stripe',
  type: REQUEST,
  endpoint: 'stripe',
  receivedAt: new Date(),
  arrivedBy: 'http',
  secretLabel: 'default',
  headers: {},
} as const;
