import { describe, expect, it } from '@jest/globals';
import { WebhookContext } from '../../src/handlers/webhook-context.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';

interface Identity {
  readonly source?: string;
  readonly id?: string;
  readonly handler?: string;
  readonly attempt?: number;
  readonly event?: Partial<WebhookEvent>;
}

function context({
  source = 'stripe',
  id = 'evt_1',
  handler = 'A.b',
  attempt = 1,
  event,
}: Identity) {
  return new WebhookContext({
    event: {
      source,
      id,
      type: 'invoice.paid',
      endpoint: 'stripe',
      receivedAt: new Date(0),
      arrivedBy: 'http',
      secretLabel: 'default',
      headers: {},
      rawBody: Buffer.alloc(0),
      ...event,
    },
    handler,
    attempt,
    replays: 0,
    getSignal: () => new AbortController().signal,
  });
}

describe('The idempotency key of a delivery', () => {
  it('is the same in every attempt, by whichever endpoint and with whichever body', () => {
    const first = context({ attempt: 1 });
    const later = context({
      attempt: 7,
      event: { endpoint: 'connect', receivedAt: new Date(1), rawBody: Buffer.from('{}') },
    });

    expect(later.idempotencyKey()).toBe(first.idempotencyKey());
    expect(later.idempotencyKey('email')).toBe(first.idempotencyKey('email'));
  });

  it('never changes from one version to the next', () => {
    expect(context({}).idempotencyKey('email')).toBe('2cRabJCFc1v0WLqEhTe-jc78S4RrHqPBoWvqCO9CICk');
  });

  it.each<[string, Identity, string | undefined]>([
    ['source', { source: 'tenant' }, undefined],
    ['event', { id: 'evt_2' }, undefined],
    ['handler', { handler: 'A.c' }, undefined],
    ['step', {}, 'email'],
  ])('is another for another %s', (_what, identity, step) => {
    expect(context(identity).idempotencyKey(step)).not.toBe(context({}).idempotencyKey());
  });

  it('is another where the parts only look alike when put together', () => {
    const keys = [
      context({ id: 'a', handler: 'bc' }).idempotencyKey(),
      context({ id: 'ab', handler: 'c' }).idempotencyKey(),
      context({ id: 'a', handler: 'b' }).idempotencyKey('c'),
      context({ id: 'a","b', handler: 'c' }).idempotencyKey(),
      context({ id: 'a', handler: 'b","c' }).idempotencyKey(),
    ];

    expect(new Set(keys).size).toBe(keys.length);
  });

  it('fits into a header and under the 255 characters that Stripe takes', () => {
    const key = context({ id: 'é'.repeat(1000) }).idempotencyKey('🧾');

    expect(key).toMatch(/^[\w-]{43}$/);
  });

  it('does not show what it is made of', () => {
    expect(context({ id: 'evt_secret' }).idempotencyKey()).not.toContain('secret');
  });
});

describe('The context of a handler', () => {
  it('shows neither the body nor the headers when it is logged', () => {
    const secret = { rawBody: Buffer.from('card'), headers: { 'x-token': 'card' } };

    expect(JSON.stringify(context({ event: secret }))).not.toContain('card');
  });
});
