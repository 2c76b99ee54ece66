import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import type { WebhookAnswer } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { arrivals } from '../support/observe-arrivals.js';

const BOTH = ['stripe', 'second'];

/** Two handlers that hold every run until the test lets them go. */
function heldHandlers() {
  const ran: string[] = [];
  const release = deferred();
  @Injectable()
  class Held {
    @OnWebhook(BOTH, '*')
    async first(_event: object, { eventId }: WebhookContext): Promise<void> {
      ran.push(`first ${eventId}`);
      await release.promise;
    }

    @OnWebhook(BOTH, '*')
    async second(_event: object, { eventId }: WebhookContext): Promise<void> {
      ran.push(`second ${eventId}`);
      await release.promise;
    }
  }
  return { Held, ran, release };
}

describe.each(ADAPTERS)('events at the same time on %s', (adapter) => {
  it.each([2, 50])(
    'runs each handler once when an event arrives %d times at once',
    async (times) => {
      const { Held, ran, release } = heldHandlers();
      const { stripe } = await startWebhookApp({
        adapter,
        endpoints: [{}, { name: 'second' }],
        providers: [Held],
      });
      const event = stripeEvent('invoice.paid', { id: 'evt_1' });
      const allArrived = arrivals('evt_1', times);

      const answers = Array.from({ length: times }, () => stripe().send(event));
      await allArrived;
      release.resolve();

      expect(statusesOf(await Promise.all(answers))).toEqual(Array(times).fill(200));
      expect(ran.sort()).toEqual(['first evt_1', 'second evt_1']);
    },
  );

  it('runs each handler once when an event arrives by two endpoints at once', async () => {
    const { Held, ran, release } = heldHandlers();
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'second' }],
      providers: [Held],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });
    const bothArrived = arrivals('evt_1', 2);

    const answers = [stripe().send(event), stripe('second').send(event)];
    await bothArrived;
    release.resolve();

    const settled = await Promise.all(answers);
    expect(statusesOf(settled)).toEqual([200, 200]);
    expect(ran.sort()).toEqual(['first evt_1', 'second evt_1']);
    expect(settled[0]?.deliveries).toEqual(settled[1]?.deliveries);
  });

  it('answers 500 to all who sent an event whose handler then fails', async () => {
    const release = deferred();
    let runs = 0;
    @Injectable()
    class Failing {
      @OnWebhook('stripe', '*')
      async run(): Promise<void> {
        runs += 1;
        await release.promise;
        throw new Error('down');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Failing] });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });
    const allArrived = arrivals('evt_1', 3);

    const answers = [stripe().send(event), stripe().send(event), stripe().send(event)];
    await allArrived;
    release.resolve();

    expect(statusesOf(await Promise.all(answers))).toEqual([500, 500, 500]);
    expect(runs).toBe(1);
  });

  it('runs no more deliveries at once than `concurrency`, and all of them in the end', async () => {
    const twoRun = deferred();
    const release = deferred();
    let running = 0;
    let most = 0;
    @Injectable()
    class Counting {
      @OnWebhook('stripe', '*')
      async run(): Promise<void> {
        running += 1;
        most = Math.max(most, running);
        if (running === 2) twoRun.resolve();
        await release.promise;
        running -= 1;
      }
    }
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { concurrency: 2 },
      providers: [Counting],
    });
    const events = Array.from({ length: 6 }, () => stripeEvent('invoice.paid'));
    const allArrived = Promise.all(events.map(({ id }) => arrivals(id, 1)));

    const answers = events.map((event) => stripe().send(event));
    await Promise.all([allArrived, twoRun.promise]);
    release.resolve();

    expect(statusesOf(await Promise.all(answers))).toEqual(Array(6).fill(200));
    expect(most).toBe(2);
  });
});

function statusesOf(answers: readonly WebhookAnswer[]): number[] {
  return answers.map(({ status }) => status);
}
