import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, WebhookInbox } from '../../src/index.js';
import type { WebhookContext, WebhookInboxOptions } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';

type Around = NonNullable<WebhookInboxOptions['around']>;

const IMPATIENT: [string, Around][] = [
  [
    'does not wait',
    async (_context, run) => {
      void run();
    },
  ],
  ['swallows errors', (_context, run) => run().catch(() => undefined)],
  ['races', (_context, run) => Promise.race([run(), Promise.resolve()])],
];
const THROWING: Around = async (_context, run) => {
  void run();
  throw new Error('rolled back');
};

describe.each(ADAPTERS)('an impatient `around` on %s', (adapter) => {
  it.each(IMPATIENT)('that %s hides no failure of a handler', async (_does, around) => {
    @Injectable()
    class Failing {
      @OnWebhook('stripe', '*')
      async run(_event: object, { attempt }: WebhookContext): Promise<void> {
        await Promise.resolve();
        if (attempt === 1) throw new Error('down');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, inbox: { around }, providers: [Failing] });
    const event = stripeEvent('invoice.paid');

    const first = await stripe().send(event);
    const second = await stripe().send(event);

    expect([first.status, second.status]).toEqual([500, 200]);
    expect(first.deliveries).toMatchObject([
      { status: 'failed', attempts: 1, error: { name: 'Error', message: 'down' } },
    ]);
    expect(second.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
  });

  it.each([...IMPATIENT, ['throws', THROWING] as const])(
    'that %s ends no attempt before its handler',
    async (_does, around) => {
      const started = deferred();
      const finish = deferred();
      @Injectable()
      class Held {
        @OnWebhook('stripe', '*')
        async run(_event: object, { eventId }: WebhookContext): Promise<void> {
          if (eventId !== 'evt_held') return;
          started.resolve();
          await finish.promise;
        }
      }
      const { app, stripe } = await startWebhookApp({
        adapter,
        inbox: { around },
        providers: [Held],
      });

      const answered = stripe().send(stripeEvent('invoice.paid', { id: 'evt_held' }));
      await started.promise;
      // By its answer, `around` has long returned for the first.
      await stripe().send(stripeEvent('invoice.paid'));
      const meanwhile = await app.get(WebhookInbox).find('stripe', 'evt_held');
      finish.reject(new Error('down'));
      const { status, deliveries } = await answered;

      expect(meanwhile?.deliveries).toMatchObject([{ status: 'running', attempts: 1 }]);
      expect(status).toBe(500);
      expect(deliveries).toMatchObject([
        {
          status: 'failed',
          attempts: 1,
          error: { message: expect.stringMatching(/down|rolled back/) },
        },
      ]);
    },
  );

  it.each<[string, Around]>([
    ['at once', (_context, run) => Promise.all([run(), run()])],
    [
      'one after the other',
      async (_context, run) => {
        await run();
        await run();
      },
    ],
  ])('that calls run twice, %s, runs the handler once', async (_when, around) => {
    let runs = 0;
    @Injectable()
    class Counting {
      @OnWebhook('stripe', '*')
      run(): void {
        runs += 1;
      }
    }
    const { stripe } = await startWebhookApp({ adapter, inbox: { around }, providers: [Counting] });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([{ status: 'succeeded', attempts: 1 }]);
    expect(runs).toBe(1);
  });

  it('that goes on to throw fails the delivery with its own error', async () => {
    @Injectable()
    class Failing {
      @OnWebhook('stripe', '*')
      run(): void {
        throw new Error('down');
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { around: THROWING },
      providers: [Failing],
    });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(deliveries).toMatchObject([{ status: 'failed', error: { message: 'rolled back' } }]);
  });
});
