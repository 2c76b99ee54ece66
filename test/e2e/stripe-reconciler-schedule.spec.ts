import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { memoryEngine } from '../../src/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import { paidInvoices, startReconciledApp } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import { watchedClock } from '../support/watched-clock.js';

const EVERY_MS = 15 * 60_000;

describe.each(ADAPTERS)('The schedule of reconciling on %s', (adapter) => {
  it('runs from time to time, warns of what was missed, and ends with the application', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    const firstEnded = clock.whenSet(EVERY_MS);
    const { app, ledgers, logger } = await startReconciledApp({
      adapter,
      client,
      clock,
      endpoint: { reconcile: { onStart: true, everyMs: EVERY_MS } },
    });
    await firstEnded;
    const [event] = paidInvoices(clock, 1);
    api.addEvent(event!);
    const nextEnded = clock.whenSet(EVERY_MS);

    await clock.advance(EVERY_MS);
    await nextEnded;
    await app.close();

    expect(ledgers.runs).toEqual([event!.id]);
    expect(logger.ofInbox('warn')).toEqual([
      'Endpoint "stripe": 1 of 1 events of Stripe had not arrived. They are put through now.',
    ]);
    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('does not run at start unless that is asked for', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();

    await startReconciledApp({ adapter, client, clock, endpoint: { reconcile: { everyMs: 1e9 } } });

    expect(api.requests).toEqual([]);
    expect(clock.pendingDelaysMs()).toContain(1e9);
  });

  it('says that a run failed, and sets the next one', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    api.fail({ status: 401, message: 'Expired key.' }, { path: '/v1/accounts' });
    const firstEnded = clock.whenSet(EVERY_MS);

    const { logger } = await startReconciledApp({
      adapter,
      client,
      clock,
      endpoint: { reconcile: { onStart: true, everyMs: EVERY_MS } },
    });
    await firstEnded;

    expect(logger.ofInbox('error')).toEqual([
      'Endpoint "stripe" could not be reconciled: Expired key.',
    ]);
  });

  it('refuses to start with an engine that keeps nothing, and with a delay that is none', async () => {
    const { client } = await openStripeAccount();
    const forgetful = await buildWebhookApp({
      adapter,
      endpoints: [{ client, reconcile: { onStart: true } }],
      inbox: { engine: memoryEngine() },
    });
    const undelayed = buildWebhookApp({ adapter, endpoints: [{ reconcile: { everyMs: 0 } }] });

    await expect(forgetful.app.init()).rejects.toThrow('stores nothing that outlives the process');
    await expect(undelayed).rejects.toThrow('reconcile.everyMs of webhook endpoint "stripe"');
  });
});
