import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, RetryAfterError, SkipDelivery } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';

describe.each(ADAPTERS)('settling the deliveries of an event on %s', (adapter) => {
  it('answers only when every handler has settled, though one has failed long before', async () => {
    const failed = deferred();
    const finishSlow = deferred();
    let isAnswered = false;
    @Injectable()
    class Beside {
      @OnWebhook('stripe', '*')
      async slow(): Promise<void> {
        await finishSlow.promise;
        expect(isAnswered).toBe(false);
      }

      @OnWebhook('stripe', '*')
      async failing(): Promise<void> {
        failed.resolve();
        throw new Error('out of stock');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Beside] });

    const answered = stripe()
      .send(stripeEvent('invoice.paid'))
      .finally(() => (isAnswered = true));
    await failed.promise;
    finishSlow.resolve();
    const { status, deliveries } = await answered;

    expect(status).toBe(500);
    expect(deliveries).toMatchObject([
      { handler: 'Beside.slow', status: 'succeeded', attempts: 1 },
      { handler: 'Beside.failing', status: 'failed', attempts: 1 },
    ]);
  });

  it('answers 500 without a detail of the error, and runs only what failed when it comes again', async () => {
    const ran: string[] = [];
    @Injectable()
    class Beside {
      @OnWebhook('stripe', '*')
      good(): void {
        ran.push('good');
      }

      @OnWebhook('stripe', '*')
      flaky(_event: object, { attempt }: WebhookContext): void {
        ran.push(`flaky ${attempt}`);
        if (attempt < 3) throw new Error('secret detail');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Beside] });
    const event = stripeEvent('invoice.paid');

    const first = await stripe().send(event);
    const second = await stripe().send(event);
    const third = await stripe().send(event);
    const fourth = await stripe().send(event);

    expect([first, second, third, fourth].map(({ status }) => status)).toEqual([
      500, 500, 200, 200,
    ]);
    expect(first.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(ran).toEqual(['good', 'flaky 1', 'flaky 2', 'flaky 3']);
    expect(fourth.deliveries).toMatchObject([
      { status: 'succeeded', attempts: 1 },
      { status: 'succeeded', attempts: 3 },
    ]);
  });

  it('settles SkipDelivery as skipped with its reason, and answers 200', async () => {
    let runs = 0;
    @Injectable()
    class Choosy {
      @OnWebhook('stripe', '*')
      run(): void {
        runs += 1;
        throw new SkipDelivery('not a customer of this product');
      }
    }
    const { logger, stripe } = await startWebhookApp({ adapter, providers: [Choosy] });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([
      { status: 'skipped', attempts: 1, reason: 'not a customer of this product' },
    ]);
    expect(runs).toBe(1);
    expect(logger.ofLevel('error')).toEqual([]);
  });

  it.each([
    ['a delay', 60_000],
    ['a moment', new Date(1_800_000_060_000)],
  ])(
    'does not run a delivery again before %s of RetryAfterError has passed',
    async (_name, after) => {
      const clock = manualClock(1_800_000_000_000);
      let runs = 0;
      @Injectable()
      class Limited {
        @OnWebhook('stripe', '*')
        run(): void {
          runs += 1;
          if (runs === 1) throw new RetryAfterError(after);
        }
      }
      const { stripe } = await startWebhookApp({ adapter, clock, providers: [Limited] });
      const event = stripeEvent('invoice.paid');

      const first = await stripe().send(event);
      await clock.advance(59_999);
      const early = await stripe().send(event);
      await clock.advance(1);
      const later = await stripe().send(event);

      expect([first, early, later].map(({ status }) => status)).toEqual([500, 500, 200]);
      expect(first.deliveries).toMatchObject([
        { status: 'failed', attempts: 1, retryAt: new Date(1_800_000_060_000) },
      ]);
      expect(early.deliveries).toEqual(first.deliveries);
      expect(later.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    },
  );
});
