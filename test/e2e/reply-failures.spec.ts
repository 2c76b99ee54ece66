import 'reflect-metadata';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { NonRetriableError, RetryAfterError, SkipDelivery, WebhookInbox } from '../../src/index.js';
import type { DeadDelivery, StoredEvent } from '../../src/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, FALLBACK, startCardApp } from '../support/card-app.js';
import { deferred } from '../support/deferred.js';

const circular: Record<string, unknown> = {};
circular.self = circular;
class Decision {
  readonly approved = true;
}

const NO_REPLIES: readonly [what: string, returned: unknown, message: string][] = [
  ['nothing', undefined, 'The reply is undefined.'],
  ['null', null, 'The reply is null.'],
  ['true', true, 'The reply is a boolean.'],
  ['text', '{"approved":true}', 'The reply is a string.'],
  ['a list', [APPROVED], 'The reply is an instance of Array.'],
  ['a function', () => APPROVED, 'The reply is a function.'],
  ['a date', new Date(0), 'The reply is an instance of Date.'],
  ['a map', new Map([['approved', true]]), 'The reply is an instance of Map.'],
  ['an object of a class', new Decision(), 'The reply is an instance of Decision.'],
  ['what has a cycle', circular, 'The reply cannot be written as JSON.'],
  ['a big integer within', { amount: 1n }, 'The reply cannot be written as JSON.'],
  ['what writes itself as text', { toJSON: () => 'yes' }, 'an object with a toJSON()'],
];

describe.each(ADAPTERS)('a reply handler that fails on %s', (adapter) => {
  it.each([
    ['an error', new TypeError('no such card'), 'TypeError'],
    ['NonRetriableError', new NonRetriableError('never'), 'NonRetriableError'],
    ['RetryAfterError', new RetryAfterError(1_000), 'RetryAfterError'],
    ['something else', 'no', 'Error'],
  ])('has the fallback sent for %s, is dead and never retried', async (_what, thrown, name) => {
    let runs = 0;
    const { stripe } = await startCardApp(
      async () => {
        runs += 1;
        throw thrown;
      },
      { adapter },
    );
    const event = cardRequest();

    const first = await stripe().send(event);
    const again = await stripe().send(event);

    expect([first, again]).toMatchObject([
      { status: 200, body: FALLBACK },
      { status: 200, body: FALLBACK },
    ]);
    expect(again.deliveries).toMatchObject([
      { status: 'dead', attempts: 1, error: { name }, reply: FALLBACK },
    ]);
    expect(runs).toBe(1);
  });

  it('has the fallback sent where it is not for it to decide, and is skipped', async () => {
    const { stripe } = await startCardApp(
      () => {
        throw new SkipDelivery('not our card');
      },
      { adapter },
    );

    const { body, deliveries } = await stripe().send(cardRequest());

    expect(body).toEqual(FALLBACK);
    expect(deliveries).toMatchObject([
      { status: 'skipped', attempts: 1, reason: 'not our card', reply: FALLBACK },
    ]);
  });

  it.each(NO_REPLIES)(
    'has the fallback sent where it returns %s, and says what to return',
    async (_what, returned, message) => {
      const { stripe } = await startCardApp(() => returned, { adapter });

      const { status, body, deliveries } = await stripe().send(cardRequest());

      expect({ status, body }).toEqual({ status: 200, body: FALLBACK });
      expect(deliveries).toMatchObject([
        {
          status: 'dead',
          error: {
            name: 'InvalidReplyError',
            code: 'reply_invalid',
            message: expect.stringContaining(message),
          },
        },
      ]);
    },
  );

  it('has the fallback sent where `around` fails', async () => {
    const { stripe } = await startCardApp(() => APPROVED, {
      adapter,
      inbox: {
        around: async (_context, run) => {
          await run();
          throw new Error('the transaction could not be committed');
        },
      },
    });

    const { body, deliveries } = await stripe().send(cardRequest());

    expect(body).toEqual(FALLBACK);
    expect(deliveries).toMatchObject([{ status: 'dead', error: { name: 'Error' } }]);
  });

  it('has the fallback sent where the event’s API version is not the client’s', async () => {
    let runs = 0;
    const client = new Stripe('sk_test_1');
    const { stripe } = await startCardApp(
      () => {
        runs += 1;
        return APPROVED;
      },
      { adapter, endpoints: [{ client, onVersionMismatch: 'dead' }] },
    );

    const { body, deliveries } = await stripe().send(cardRequest({ apiVersion: '2020-08-27' }));

    expect(body).toEqual(FALLBACK);
    expect(deliveries).toMatchObject([{ status: 'dead', error: { name: 'NonRetriableError' } }]);
    expect(runs).toBe(0);
  });

  it('is logged with its ids and without the card', async () => {
    const { logger, stripe } = await startCardApp(
      () => {
        throw new Error('no limits today');
      },
      { adapter },
    );

    await stripe().send(cardRequest({ id: 'evt_1', object: { id: 'iauth_secret' } }));

    expect(logger.ofInbox('error')).toEqual([
      'Cards.decide gave up on issuing_authorization.request evt_1, attempt 1: Error: no limits today',
    ]);
    expect(logger.lines.map(({ text }) => text).join()).not.toContain('iauth_secret');
  });

  it('calls onDead when the inbox knows of it', async () => {
    const dead: [DeadDelivery, unknown][] = [];
    const told = deferred<StoredEvent | undefined>();
    const thrown = new Error('no limits today');
    const { app, stripe } = await startCardApp(
      () => {
        throw thrown;
      },
      {
        adapter,
        inbox: {
          onDead: async (delivery, error) => {
            dead.push([delivery, error]);
            told.resolve(await app.get(WebhookInbox).find('stripe', delivery.id));
          },
        },
      },
    );
    const event = cardRequest();

    await stripe().send(event);
    const stored = await told.promise;
    await app.close();

    expect(dead).toEqual([
      [expect.objectContaining({ id: event.id, handler: 'Cards.decide', attempts: 1 }), thrown],
    ]);
    expect(stored?.deliveries).toMatchObject([{ status: 'dead' }]);
  });

  it('is seen on the channels', async () => {
    const messages: unknown[] = [];
    const listen = (message: unknown): unknown => messages.push(message);
    const names = ['attempt.started', 'attempt.ended', 'delivery.dead', 'event.stored'];
    const channels = names.map((name) => `nestjs-webhook-inbox:${name}`);
    const { stripe } = await startCardApp(() => undefined, { adapter });
    const event = cardRequest();
    channels.forEach((name) => subscribe(name, listen));

    await stripe().send(event);

    channels.forEach((name) => unsubscribe(name, listen));
    const { id: eventId, type } = event;
    const facts = { source: 'stripe', eventId, type, handler: 'Cards.decide', attempt: 1 };
    expect(messages).toEqual([
      facts,
      { ...facts, status: 'dead', durationMs: 0 },
      facts,
      { source: 'stripe', eventId, type, endpoint: 'stripe' },
    ]);
  });
});
