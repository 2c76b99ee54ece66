import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { HOUR_MS, secondsAgo, startReconciledApp } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

const DAY_MS = 24 * HOUR_MS;

@Injectable()
class OfEachEndpoint {
  readonly runs: string[] = [];

  @OnStripeEvent('charge.failed', { endpoint: 'charges' })
  onCharge(event: { id: string }): void {
    this.runs.push(event.id);
  }

  @OnStripeEvent('payout.paid', { endpoint: 'payouts' })
  onPayout(event: { id: string }): void {
    this.runs.push(event.id);
  }
}

describe.each(ADAPTERS)('How far events of Stripe are compared on %s', (adapter) => {
  it('begins where the inbox was made, and then an hour before it had come to', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    const old = stripeEvent('invoice.paid', { created: secondsAgo(clock, 3 * HOUR_MS) });
    const late = stripeEvent('invoice.paid', { created: secondsAgo(clock, HOUR_MS / 2) });
    api.addEvent(old);
    const first = await reconciler.run({ accounts: [] });
    api.addEvent(late); // listed after events that happened later
    await clock.advance(HOUR_MS / 4);

    const second = await reconciler.run({ accounts: [] });
    await clock.advance(3 * HOUR_MS);
    api.addEvent(stripeEvent('invoice.paid', { created: secondsAgo(clock, 3.5 * HOUR_MS) }));
    const third = await reconciler.run({ accounts: [] });
    const explicit = await reconciler.run({ accounts: [], since: new Date(old.created * 1000) });

    expect(first.missed).toEqual([]);
    expect(second.missed.map(({ id }) => id)).toEqual([late.id]);
    expect(third.missed).toHaveLength(1);
    expect(explicit.missed.map(({ id }) => id)).toEqual([old.id]);
  });

  it('is not what a run with a later `since` had come to: the gap before it is still compared', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    await reconciler.run({ accounts: [] });
    await clock.advance(3 * DAY_MS);
    const inGap = stripeEvent('invoice.paid', { created: secondsAgo(clock, 2 * DAY_MS) });
    api.addEvent(inGap);

    const since = new Date(clock.now() - DAY_MS);
    const late = await reconciler.run({ accounts: [], since });
    const next = await reconciler.run({ accounts: [] });

    expect(late.missed).toEqual([]);
    expect(next.missed.map(({ id }) => id)).toEqual([inGap.id]);
  });

  it('is remembered again after a pause that was longer than Stripe keeps events', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    await reconciler.run({ accounts: [] });
    await clock.advance(40 * DAY_MS);
    await reconciler.run({ accounts: [] });
    await clock.advance(2 * DAY_MS);
    const requestsBefore = api.requests.length;

    await reconciler.run({ accounts: [] });

    // Two days, an hour of overlap, and two formats.
    expect(api.requests.length - requestsBefore).toBeLessThanOrEqual(6);
  });

  it('holds for all endpoints of a source: a run for one brings what another was to get', async () => {
    const { api, client } = await openStripeAccount();
    const { app, reconciler, clock } = await startReconciledApp({
      adapter,
      client,
      endpoints: [{ name: 'charges' }, { name: 'payouts' }],
      providers: [OfEachEndpoint],
      ageMs: 3 * HOUR_MS,
    });
    const created = secondsAgo(clock, 2 * HOUR_MS);
    const charge = stripeEvent('charge.failed', { created });
    const payout = stripeEvent('payout.paid', { created });
    [charge, payout].forEach((event) => api.addEvent(event));

    await reconciler.run({ endpoint: 'charges', accounts: [] });
    await clock.advance(DAY_MS);
    await reconciler.run({ endpoint: 'payouts', accounts: [] });

    expect(app.get(OfEachEndpoint).runs.toSorted()).toEqual([charge.id, payout.id].toSorted());
  });
});
