import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { recordingLogger } from '../support/recording-logger.js';

const UNREADABLE = {
  name: 'Error',
  message: 'An error whose properties cannot be read was thrown.',
};

function withThrowingGetter(property: string): Error {
  return Object.defineProperty(new Error('down'), property, {
    get: () => {
      throw new Error('a getter that throws');
    },
  });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('down'), {});
  revoke();
  return proxy;
}

/** A handler whose first attempt at the event `evt_bad` throws. */
function handlerThatThrows(thrown: unknown) {
  @Injectable()
  class Failing {
    @OnWebhook('stripe', '*')
    run(_event: object, { eventId, attempt }: WebhookContext): void {
      if (eventId === 'evt_bad' && attempt === 1) throw thrown;
    }
  }
  return Failing;
}

const bad = stripeEvent('invoice.paid', { id: 'evt_bad' });
const good = stripeEvent('invoice.paid', { id: 'evt_good' });

describe.each(ADAPTERS)('an error that cannot be read on %s', (adapter) => {
  it.each<[string, unknown, object]>([
    ['a stack', withThrowingGetter('stack'), { name: 'Error', message: 'down' }],
    ['a message', withThrowingGetter('message'), UNREADABLE],
    ['a name', withThrowingGetter('name'), UNREADABLE],
    ['a code', withThrowingGetter('code'), UNREADABLE],
    ['anything: a revoked proxy', revokedProxy(), UNREADABLE],
  ])('fails its delivery where it throws for %s, and holds no slot', async (_of, thrown, error) => {
    const { logger, stripe } = await startWebhookApp({
      adapter,
      inbox: { concurrency: 1 },
      providers: [handlerThatThrows(thrown)],
    });

    const failed = await stripe().send(bad);
    const other = await stripe().send(good);
    const resent = await stripe().send(bad);

    expect([failed, other, resent].map(({ status }) => status)).toEqual([500, 200, 200]);
    expect(failed.deliveries).toMatchObject([{ status: 'failed', attempts: 1, error }]);
    expect(resent.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    expect(logger.ofLevel('error')).toEqual([
      expect.stringContaining('Failing.run failed invoice.paid evt_bad, attempt 1: Error: '),
    ]);
  });

  it('leaves a delivery failed where the logger throws, and holds no slot', async () => {
    let logged = 0;
    const brokenLogger = {
      ...recordingLogger(),
      error: () => {
        logged += 1;
        throw new Error('disk full');
      },
    };
    const { stripe } = await startWebhookApp({
      adapter,
      inbox: { concurrency: 1 },
      providers: [handlerThatThrows(new Error('down'))],
      override: (builder) => builder.setLogger(brokenLogger),
    });

    const failed = await stripe().send(bad);
    const other = await stripe().send(good);
    const resent = await stripe().send(bad);

    expect([failed, other, resent].map(({ status }) => status)).toEqual([500, 200, 200]);
    expect(failed.deliveries).toMatchObject([{ status: 'failed', error: { message: 'down' } }]);
    expect(resent.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    expect(logged).toBe(1);
  });
});
