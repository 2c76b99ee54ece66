import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { memoryEngine } from '../../src/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import {
  HOUR_MS,
  paidInvoices,
  startReconciledApp,
  survivingEngine,
} from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import { watchedClock } from '../support/watched-clock.js';

// Longer than the hour by which the application is aged.
const EVERY_MS = 2 * HOUR_MS;

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

  it('tries again where another run was under way, such as one of a process that was killed', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    const engine = survivingEngine();
    await engine.start({ clock });
    await engine.claim('stripe-reconciler', 'a process that was killed', 5 * 60_000);
    const wasBusy = clock.whenSet(5 * 60_000);

    await startReconciledApp({
      adapter,
      client,
      clock,
      engine,
      endpoint: { reconcile: { onStart: true } },
      ageMs: 0,
    });
    await wasBusy;
    const delayed = api.delay({ path: '/v1/accounts' });
    await clock.advance(5 * 60_000);

    await expect(delayed.arrived).resolves.toMatchObject({ path: '/v1/accounts' });
    delayed.release();
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
