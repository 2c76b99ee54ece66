import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { NestInterceptor } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import Stripe from 'stripe';
import { tap } from 'rxjs';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, post, REQUEST, startCardApp } from '../support/card-app.js';
import { deferred } from '../support/deferred.js';

describe.each(ADAPTERS)('the answer of a reply handler on %s', (adapter) => {
  it('is what the method returned, as JSON, in the API version of the event', async () => {
    const reply = { approved: true, amount: 5_000, metadata: { rule: 'small – ok' } };
    const { app, clock } = await startCardApp(async () => reply, { adapter });

    const answer = await post(app, cardRequest(), clock.now());

    expect(answer).toMatchObject({ status: 200, body: reply });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.headers['stripe-version']).toBe('2026-10-28.endive');
  });

  it('may come from a method that is not async', async () => {
    const { stripe } = await startCardApp(() => APPROVED, { adapter });

    const { status, body } = await stripe().send(cardRequest());

    expect({ status, body }).toEqual({ status: 200, body: APPROVED });
  });

  it.each([null, 'broken\r\nset-cookie: a=b'])(
    'has the client’s API version where the event’s is %j',
    async (apiVersion) => {
      const client = new Stripe('sk_test_1', { apiVersion: '2025-01-27.acacia' as never });
      const { app, clock } = await startCardApp(() => APPROVED, {
        adapter,
        endpoints: [{ client, onVersionMismatch: 'ignore' }],
      });

      const answer = await post(app, { ...cardRequest(), api_version: apiVersion }, clock.now());

      expect(answer.body).toEqual(APPROVED);
      expect(answer.headers['stripe-version']).toBe('2025-01-27.acacia');
      expect(answer.headers).not.toHaveProperty('set-cookie');
    },
  );

  it('has no version where nobody knows one', async () => {
    const { app, clock } = await startCardApp(() => APPROVED, { adapter });

    const answer = await post(app, { ...cardRequest(), api_version: null }, clock.now());

    expect(answer).toMatchObject({ status: 200, body: APPROVED });
    expect(answer.headers).not.toHaveProperty('stripe-version');
  });

  it('has an ETag of its own, or none', async () => {
    const { app, clock } = await startCardApp((event) => ({ approved: true, id: event.id }), {
      adapter,
    });

    const answers = [
      await post(app, cardRequest({ id: 'evt_1' }), clock.now()),
      await post(app, cardRequest({ id: 'evt_2' }), clock.now()),
      await post(app, stripeEvent('invoice.paid'), clock.now()),
    ];

    const etags = answers.flatMap(({ headers }) => headers.etag ?? []);
    expect(new Set(etags).size).toBe(adapter === 'express' ? 3 : 0);
  });

  it('passes the application’s interceptors, which see an object of their own', async () => {
    const seen: unknown[] = [];
    const reply = { approved: true, metadata: { rule: 'mine' } };
    const interceptor: NestInterceptor = {
      intercept: (_context, next) =>
        next.handle().pipe(
          tap((body: typeof reply) => {
            seen.push(structuredClone(body));
            body.metadata.rule = 'changed';
          }),
        ),
    };
    const { stripe } = await startCardApp(() => reply, {
      adapter,
      providers: [{ provide: APP_INTERCEPTOR, useValue: interceptor }],
    });

    const { body, deliveries } = await stripe().send(cardRequest());

    expect(seen).toEqual([{ approved: true, metadata: { rule: 'mine' } }]);
    expect(body).toEqual({ approved: true, metadata: { rule: 'changed' } });
    expect(reply.metadata.rule).toBe('mine');
    expect(deliveries).toMatchObject([{ reply: { metadata: { rule: 'mine' } } }]);
  });

  it('is the handler’s own, whatever `around` makes of it', async () => {
    const wrapped: string[] = [];
    const { stripe } = await startCardApp(() => APPROVED, {
      adapter,
      inbox: {
        around: async ({ handler }, run) => {
          wrapped.push(handler);
          await run();
        },
      },
    });

    const { body } = await stripe().send(cardRequest());

    expect(body).toEqual(APPROVED);
    expect(wrapped).toEqual(['Cards.decide']);
  });

  it('waits for no slot of `concurrency`', async () => {
    const held = deferred();
    const started = deferred();
    @Injectable()
    class Slow {
      @OnStripeEvent('invoice.paid')
      async run(): Promise<void> {
        started.resolve();
        await held.promise;
      }
    }
    const { stripe } = await startCardApp(() => APPROVED, {
      adapter,
      inbox: { concurrency: 1 },
      providers: [Slow],
    });
    const slow = stripe().send(stripeEvent('invoice.paid'));
    await started.promise;

    const { body } = await stripe().send(cardRequest());

    expect(body).toEqual(APPROVED);
    held.resolve();
    expect((await slow).status).toBe(200);
  });

  it.each([
    ['the handler’s filter', {}, { livemode: true }],
    ['the endpoint’s filter', { livemode: true }, {}],
  ])(
    'is the usual one, and no decision, where %s turns the event away',
    async (_whose, endpoint, options) => {
      const { stripe } = await startCardApp(
        () => APPROVED,
        { adapter, endpoints: [endpoint] },
        options,
      );

      const { status, body, deliveries } = await stripe().send(cardRequest({ livemode: false }));

      expect({ status, body }).toEqual({ status: 200, body: { received: true } });
      expect(deliveries).toEqual([
        expect.objectContaining({
          status: 'skipped',
          reason: expect.stringContaining('live mode'),
        }),
      ]);
      expect(deliveries[0]).not.toHaveProperty('reply');
    },
  );

  it('is the usual one for events of other types', async () => {
    const { stripe } = await startCardApp(() => APPROVED, { adapter });

    const answers = [
      await stripe().send(stripeEvent('issuing_authorization.updated')),
      await stripe().send({ ...cardRequest(), type: 'constructor' }),
    ];

    expect(answers).toMatchObject([
      { status: 200, body: { received: true } },
      { status: 200, body: { received: true } },
    ]);
  });

  it('is kept in the inbox with the delivery', async () => {
    const { stripe } = await startCardApp(() => APPROVED, { adapter });

    const { deliveries } = await stripe().send(cardRequest());

    expect(deliveries).toEqual([
      {
        handler: 'Cards.decide',
        endpoint: 'stripe',
        status: 'succeeded',
        attempts: 1,
        reply: APPROVED,
      },
    ]);
  });

  it('has a context like that of every handler', async () => {
    const { stripe } = await startCardApp(
      (event, context) => ({
        approved: event.data.object.id === 'iauth_1',
        metadata: {
          type: context.type,
          attempt: String(context.attempt),
          key: String(context.idempotencyKey().length > 20),
          aborted: String(context.signal.aborted),
        },
      }),
      { adapter },
    );

    const { body } = await stripe().send(cardRequest({ object: { id: 'iauth_1' } }));

    expect(body).toEqual({
      approved: true,
      metadata: { type: REQUEST, attempt: '1', key: 'true', aborted: 'false' },
    });
  });
});
