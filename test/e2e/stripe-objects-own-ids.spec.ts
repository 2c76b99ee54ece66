import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeObject } from '../../src/stripe/index.js';
import type { StripeObject, StripeWebhookContext } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { anyArrivals } from '../support/observe-arrivals.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';

@Injectable()
class Coupons {
  readonly seen: string[] = [];

  @OnStripeObject('coupon', { coalesceMs: 1_000 })
  mirror(coupon: StripeObject<'coupon'>, { account, livemode }: StripeWebhookContext): void {
    this.seen.push(`${account ?? 'own'} ${livemode ? 'live' : 'test'} ${coupon.id}`);
  }
}

const gold = (fields: { account?: string; livemode?: boolean } = {}) =>
  stripeEvent('coupon.updated', { object: { id: 'GOLD' }, ...fields });

/** Coupons, plans and products may have an id that their owner chose: it is unique in an account and mode. */
describe.each(ADAPTERS)('A burst of objects whose owners chose one id on %s', (adapter) => {
  let api: StripeApi;
  afterEach(() => api.close());

  it('is a run for each account and mode, with its own fetch', async () => {
    api = await startStripeApi(() => ({ body: { id: 'GOLD', object: 'coupon' } }));
    const clients = [api.client, api.clientFor({}, 'sk_live_1')];
    const client = ({ livemode }: { livemode: boolean }) => clients[livemode ? 1 : 0]!;
    const clock = manualClock();
    const { app, stripe } = await startWebhookApp({
      adapter,
      providers: [Coupons],
      endpoints: [{ client }],
      clock,
    });
    const events = [
      gold(),
      gold({ account: 'acct_1' }),
      gold({ account: 'acct_1' }),
      gold({ account: 'acct_2' }),
      gold({ account: 'acct_2', livemode: true }),
    ];

    const stored = anyArrivals(events.length);
    const sending = events.map((event) => stripe().send(event));
    await stored;
    await clock.advance(1_000);
    const sent = await Promise.all(sending);

    expect(sent.map(({ status }) => status)).toEqual(events.map(() => 200));
    expect(app.get(Coupons).seen.toSorted()).toEqual([
      'acct_1 test GOLD',
      'acct_2 live GOLD',
      'acct_2 test GOLD',
      'own test GOLD',
    ]);
    expect(api.requests).toHaveLength(4);
  });
});
