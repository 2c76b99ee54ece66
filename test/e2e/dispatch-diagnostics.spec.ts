import 'reflect-metadata';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

const PREFIX = 'nestjs-webhook-inbox:';
const CHANNELS = [
  'request.refused',
  'event.stored',
  'event.repeated',
  'attempt.started',
  'attempt.ended',
  'attempt.recorded',
  'delivery.dead',
];

@Injectable()
class Flaky {
  @OnWebhook('stripe', '*')
  run(_event: object, { attempt }: WebhookContext): void {
    if (attempt === 1) throw new Error('not yet');
    throw new NonRetriableError('never');
  }
}

describe.each(ADAPTERS)('diagnostics channels on %s', (adapter) => {
  const messages: [channel: string, message: unknown][] = [];
  const record = (message: unknown, name: string | symbol): void => {
    messages.push([String(name).slice(PREFIX.length), message]);
  };
  beforeEach(() => CHANNELS.forEach((name) => subscribe(PREFIX + name, record)));
  afterEach(() => {
    CHANNELS.forEach((name) => unsubscribe(PREFIX + name, record));
    messages.splice(0);
  });

  it('say with ids how an event goes: stored, attempted, repeated, dead', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      clock: manualClock(),
      providers: [Flaky],
    });
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });

    await stripe().send(event);
    await stripe().send(event);

    const ids = { source: 'stripe', eventId: 'evt_1', type: 'invoice.paid' };
    const first = { ...ids, handler: 'Flaky.run', attempt: 1 };
    const second = { ...first, attempt: 2 };
    const of = (channel: string): unknown[] =>
      messages.filter(([name]) => name === channel).map(([, message]) => message);
    expect(of('event.stored')).toEqual([{ ...ids, endpoint: 'stripe' }]);
    expect(of('event.repeated')).toEqual([{ ...ids, endpoint: 'stripe' }]);
    expect(of('attempt.started')).toEqual([first, second]);
    expect(of('attempt.ended')).toEqual([
      { ...first, status: 'failed', durationMs: 0 },
      { ...second, status: 'dead', durationMs: 0 },
    ]);
    expect(of('attempt.recorded')).toEqual([
      { ...first, status: 'failed' },
      { ...second, status: 'dead' },
    ]);
    expect(of('delivery.dead')).toEqual([second]);
    expect(of('request.refused')).toEqual([{ endpoint: 'stripe', code: 'deliveries_unfinished' }]);
  });

  it('say why a request was refused', async () => {
    const { stripe } = await startWebhookApp({ adapter });

    await stripe().send(stripeEvent('invoice.paid'), { timestamp: 1 });

    expect(messages).toEqual([
      ['request.refused', { endpoint: 'stripe', code: 'timestamp_too_old' }],
    ]);
  });

  it('carry nothing of the payload, of a header or of a secret', async () => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Flaky] });
    const event = stripeEvent('invoice.paid', { object: { customer_email: 'ann@example.com' } });

    await stripe().send(event, { headers: { 'user-agent': 'Stripe/1.0 confidential' } });
    await stripe().send(event, { headers: { 'stripe-signature': 't=1,v1=forged' } });

    const everything = JSON.stringify(messages);
    expect(messages.length).toBeGreaterThan(3);
    expect(everything).not.toContain('ann@example.com');
    expect(everything).not.toContain('confidential');
    expect(everything).not.toContain('forged');
    expect(everything).not.toContain('whsec_');
  });
});
