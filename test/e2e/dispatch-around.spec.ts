import 'reflect-metadata';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

describe.each(ADAPTERS)('`around` on %s', (adapter) => {
  it('wraps every attempt of every handler, and sees how it ends', async () => {
    const trace: string[] = [];
    @Injectable()
    class Two {
      @OnWebhook('stripe', '*')
      good(): void {
        trace.push('good runs');
      }

      @OnWebhook('stripe', '*')
      flaky(_event: object, { attempt }: WebhookContext): void {
        if (attempt === 1) throw new Error('not yet');
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: {
        around: async ({ handler, attempt }, run) => {
          const name = `${handler} ${attempt}`;
          try {
            return await run();
          } catch (error) {
            trace.push(`${name} ${(error as Error).message}`);
            throw error;
          } finally {
            trace.push(`${name} ended`);
          }
        },
      },
      providers: [Two],
    });
    const event = stripeEvent('invoice.paid');

    await stripe().send(event);
    await stripe().send(event);

    expect(trace.sort()).toEqual([
      'Two.flaky 1 ended',
      'Two.flaky 1 not yet',
      'Two.flaky 2 ended',
      'Two.good 1 ended',
      'good runs',
    ]);
  });

  it('fails the delivery when it has not called run', async () => {
    const handled: unknown[] = [];
    @Injectable()
    class Waiting {
      @OnWebhook('stripe', '*')
      handle(event: object): void {
        handled.push(event);
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { around: () => Promise.resolve() },
      providers: [Waiting],
    });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(handled).toEqual([]);
    expect(deliveries).toMatchObject([
      { status: 'failed', error: { message: expect.stringContaining('without calling run') } },
    ]);
  });

  it('lets handlers read what it has put into an AsyncLocalStorage', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    @Injectable()
    class Reading {
      @OnWebhook('stripe', '*')
      async run(): Promise<void> {
        await Promise.resolve();
        seen.push(storage.getStore());
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { around: ({ eventId }, run) => storage.run(eventId, run) },
      providers: [Reading],
    });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));

    expect(seen).toEqual(['evt_1']);
  });

  it('fails the delivery when it throws itself, without running the handler', async () => {
    let runs = 0;
    @Injectable()
    class Counting {
      @OnWebhook('stripe', '*')
      run(): void {
        runs += 1;
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: {
        around: () => {
          throw new Error('no connection');
        },
      },
      providers: [Counting],
    });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(deliveries).toMatchObject([{ status: 'failed', error: { message: 'no connection' } }]);
    expect(runs).toBe(0);
  });
});
