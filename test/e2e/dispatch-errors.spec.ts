import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { OnWebhook, WebhookInbox } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

class CardError extends Error {
  override readonly name = 'CardError';
  readonly code = 'card_declined';
  readonly raw = { number: '4242424242424242' };
}

const hostile = Object.assign(new Error('hostile'), { code: { toString: null } });

function handlerThat(run: (event: Stripe.Event) => unknown) {
  @Injectable()
  class Failing {
    @OnStripeEvent('*')
    run(event: Stripe.Event): unknown {
      return run(event);
    }
  }
  return Failing;
}

describe.each(ADAPTERS)('what a handler throws on %s', (adapter) => {
  it.each<[string, unknown, object]>([
    ['an error', new Error('down'), { name: 'Error', message: 'down' }],
    [
      'an error with a code',
      new CardError('no'),
      { name: 'CardError', code: 'card_declined', message: 'no' },
    ],
    ['an error with a strange code', hostile, { name: 'Error', message: 'hostile' }],
    [
      'a string',
      'down',
      { name: 'Error', message: 'Something else than an error was thrown: string.' },
    ],
    [
      'undefined',
      undefined,
      { name: 'Error', message: 'Something else than an error was thrown: undefined.' },
    ],
    ['null', null, { name: 'Error', message: 'Something else than an error was thrown: object.' }],
    [
      'an object',
      { a: 1 },
      { name: 'Error', message: 'Something else than an error was thrown: object.' },
    ],
  ])('fails the delivery for %s, thrown or rejected', async (_name, thrown, kept) => {
    const Synchronous = handlerThat(() => {
      throw thrown;
    });
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    const Asynchronous = handlerThat(() => Promise.reject(thrown));
    const synchronous = await startWebhookApp({ adapter, providers: [Synchronous] });
    const asynchronous = await startWebhookApp({ adapter, providers: [Asynchronous] });

    const answers = [
      await synchronous.stripe().send(stripeEvent('invoice.paid')),
      await asynchronous.stripe().send(stripeEvent('invoice.paid')),
    ];

    for (const { status, body, deliveries } of answers) {
      expect(status).toBe(500);
      expect(body).toEqual({ statusCode: 500, message: 'Internal server error' });
      expect(deliveries).toEqual([
        { handler: 'Failing.run', endpoint: 'stripe', status: 'failed', attempts: 1, error: kept },
      ]);
    }
  });

  it('keeps 1 KB of a huge message, and none of it is lost to the sender', async () => {
    const Failing = handlerThat(() => {
      throw new Error(`start ${'x'.repeat(5_000_000)}`);
    });
    const { logger, stripe } = await startWebhookApp({ adapter, providers: [Failing] });

    const { status, body, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('start');
    expect(deliveries[0]?.error?.message).toMatch(/^start x+…$/);
    expect(deliveries[0]?.error?.message).toHaveLength(1024);
    expect(Math.max(...logger.lines.map(({ text }) => text.length))).toBeLessThan(10_000);
  });

  it('keeps nothing of the payload or of the own properties of an error', async () => {
    const Failing = handlerThat((event) => {
      throw Object.assign(new CardError('declined'), { event, request: { body: event } });
    });
    const { app, logger, stripe } = await startWebhookApp({ adapter, providers: [Failing] });
    const event = stripeEvent('invoice.paid', { object: { customer_email: 'ann@example.com' } });

    const answer = await stripe().send(event);

    const stored = await app.get(WebhookInbox).find('stripe', event.id);
    const everything = JSON.stringify([answer, stored, logger.lines]);
    expect(answer.status).toBe(500);
    expect(everything).not.toContain('ann@example.com');
    expect(everything).not.toContain('4242');
  });

  it('logs handler, event and message once for each failed attempt, with the stack', async () => {
    const Failing = handlerThat(() => {
      throw new Error('down');
    });
    const { logger, stripe } = await startWebhookApp({ adapter, providers: [Failing] });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    const errors = logger.lines.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual([
      'Failing.run failed invoice.paid evt_1, attempt 1: Error: down',
    ]);
    expect(errors[0]?.text).toMatch(/\n {4}at .*dispatch-errors\.spec/);
  });

  it('gives the next attempt the payload as it came, whatever the last one did to it', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Changing {
      @OnWebhook('stripe', '*')
      change(event: { data: { object: { id?: string } } }): void {
        seen.push(event.data.object.id);
        delete event.data.object.id;
        if (seen.length === 1) throw new Error('again');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Changing] });
    const event = stripeEvent('invoice.paid', { object: { id: 'in_1' } });

    await stripe().send(event);
    await stripe().send(event);

    expect(seen).toEqual(['in_1', 'in_1']);
  });
});
