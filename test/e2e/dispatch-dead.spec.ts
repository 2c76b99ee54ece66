import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, OnWebhook } from '../../src/index.js';
import type { DeadDelivery } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

describe.each(ADAPTERS)('dead deliveries on %s', (adapter) => {
  it('settles a NonRetriableError as dead, tells onDead, and answers 200', async () => {
    const dead: [DeadDelivery, unknown][] = [];
    const error = new NonRetriableError('no such plan');
    let runs = 0;
    @Injectable()
    class Hopeless {
      @OnWebhook('stripe', '*')
      run(): void {
        runs += 1;
        throw error;
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { onDead: (delivery, cause) => void dead.push([delivery, cause]) },
      providers: [Hopeless],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });

    const { status, body, deliveries } = await stripe().send(event);
    await stripe().send(event);

    const kept = { name: 'NonRetriableError', code: 'non_retriable', message: 'no such plan' };
    expect([status, body]).toEqual([200, { received: true }]);
    expect(deliveries).toEqual([
      { handler: 'Hopeless.run', endpoint: 'stripe', status: 'dead', attempts: 1, error: kept },
    ]);
    expect(runs).toBe(1);
    expect(dead).toEqual([
      [
        {
          source: 'stripe',
          id: 'evt_1',
          type: 'invoice.paid',
          endpoint: 'stripe',
          handler: 'Hopeless.run',
          attempts: 1,
          error: kept,
        },
        error,
      ],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('pager down');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('pager down');
      },
    ],
  ])('answers 200 all the same when onDead %s, and logs it', async (_name, onDead) => {
    @Injectable()
    class Hopeless {
      @OnWebhook('stripe', '*')
      run(): void {
        throw new NonRetriableError('no such plan');
      }
    }
    const { logger, stripe } = await startWebhookApp({
      adapter,
      inbox: { onDead },
      providers: [Hopeless],
    });

    const { status } = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(status).toBe(200);
    expect(logger.ofLevel('error')).toContain(
      'onDead failed for Hopeless.run and evt_1: Error: pager down',
    );
  });

  it('gives a delivery up as dead after retry.attempts, and answers 200 from then on', async () => {
    const dead: number[] = [];
    @Injectable()
    class Failing {
      @OnWebhook('stripe', '*')
      run(): void {
        throw new Error('still down');
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { retry: { attempts: 2 }, onDead: ({ attempts }) => void dead.push(attempts) },
      providers: [Failing],
    });
    const event = stripeEvent('invoice.paid');

    const first = await stripe().send(event);
    const second = await stripe().send(event);
    const third = await stripe().send(event);

    expect([first, second, third].map(({ status }) => status)).toEqual([500, 200, 200]);
    expect(third.deliveries).toMatchObject([{ status: 'dead', attempts: 2 }]);
    expect(dead).toEqual([2]);
  });
});
