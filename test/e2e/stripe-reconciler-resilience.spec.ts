import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { paidInvoices, startReconciledApp, survivingEngine } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import { watchedClock } from '../support/watched-clock.js';

const EVENTS = '/v1/events';

/** Tells when the application has begun to shut down. */
@Injectable()
class ShutdownWatch implements BeforeApplicationShutdown {
  readonly begun = deferred();

  beforeApplicationShutdown(): void {
    this.begun.resolve();
  }
}

describe.each(ADAPTERS)('Reconciling with Stripe, when things go wrong on %s,', (adapter) => {
  it('waits as long as Stripe asks for', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    const { reconciler, ledgers } = await startReconciledApp({ adapter, client, clock });
    for (const event of paidInvoices(clock, 150)) api.addEvent(event);
    api.fail({ status: 429, retryAfterSeconds: 7 }, { path: EVENTS, after: 1 });
    const isWaiting = clock.whenSet(7000);

    const running = reconciler.run();
    await isWaiting;
    const runsBefore = ledgers.runs.length;
    await clock.advance(7000);
    const { missed } = await running;

    expect(runsBefore).toBe(100);
    expect(missed).toHaveLength(150);
    expect(new Set(ledgers.runs).size).toBe(150);
    expect(ledgers.runs).toHaveLength(150);
  });

  it('goes on after Stripe has failed for a while', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    const { reconciler, ledgers } = await startReconciledApp({ adapter, client, clock });
    for (const event of paidInvoices(clock, 150)) api.addEvent(event);
    api.fail({ status: 500 }, { path: EVENTS, after: 1, times: 2 });
    const waits = [clock.whenSet(1000), clock.whenSet(2000)];

    const running = reconciler.run();
    await waits[0];
    await clock.advance(1000);
    await waits[1];
    await clock.advance(2000);

    expect(await running).toMatchObject({ status: 'complete', checked: 150 });
    expect(ledgers.runs).toHaveLength(150);
  });

  it('goes on where a run that broke between two pages had come to, running nothing again', async () => {
    const { api, client } = await openStripeAccount();
    const engine = survivingEngine();
    const first = await startReconciledApp({ adapter, client, engine });
    for (const event of paidInvoices(first.clock, 250)) api.addEvent(event);
    api.fail({ status: 400, message: 'The process died here.' }, { path: EVENTS, after: 1 });

    const broken = first.reconciler.run();
    await expect(broken).rejects.toThrow('The process died here.');
    const runsOfFirst = [...first.ledgers.runs];
    const { missed } = await first.reconciler.run();

    expect(runsOfFirst).toHaveLength(100);
    expect(missed).toHaveLength(150);
    expect(new Set(first.ledgers.runs).size).toBe(250);
    expect(first.ledgers.runs).toHaveLength(250);
  });

  it('runs once at a time, whoever asks', async () => {
    const { api, client } = await openStripeAccount();
    const engine = survivingEngine();
    const one = await startReconciledApp({ adapter, client, engine });
    const delayed = api.delay({ path: EVENTS });

    const first = one.reconciler.run();
    await delayed.arrived;
    const second = await one.reconciler.run();
    delayed.release();

    expect(second).toEqual({ status: 'busy', checked: 0, missed: [], refused: [] });
    expect(await first).toMatchObject({ status: 'complete' });
    expect(await one.reconciler.run()).toMatchObject({ status: 'complete' });
  });

  it('waits longer than a minute where Stripe asks for it, and keeps its place meanwhile', async () => {
    const { api, client } = await openStripeAccount();
    const clock = watchedClock();
    const { reconciler } = await startReconciledApp({ adapter, client, clock });
    for (const event of paidInvoices(clock, 1)) api.addEvent(event);
    api.fail({ status: 429, retryAfterSeconds: 600 }, { path: EVENTS });
    const isWaiting = clock.whenSet(600_000);

    const running = reconciler.run();
    await isWaiting;
    for (let minute = 1; minute < 10; minute += 1) await clock.advance(60_000);
    const requestsBefore = api.requests.filter(({ path }) => path === EVENTS).length;
    const other = await reconciler.run();
    await clock.advance(60_000);

    expect(requestsBefore).toBe(1);
    expect(other.status).toBe('busy');
    expect(await running).toMatchObject({ status: 'complete', checked: 1 });
  });

  it('ends where another run has taken its place', async () => {
    const { api, client } = await openStripeAccount();
    const surviving = survivingEngine();
    let isTaken = false;
    const claim: typeof surviving.claim = async (...claimed) =>
      !isTaken && surviving.claim(...claimed);
    const engine = { ...surviving, claim };
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client, engine });
    for (const event of paidInvoices(clock, 250)) api.addEvent(event);
    const delayed = api.delay({ path: EVENTS });

    const running = reconciler.run();
    await delayed.arrived;
    isTaken = true; // as after five minutes in which this process was frozen
    delayed.release();

    expect(await running).toMatchObject({ status: 'stopped', checked: 100 });
    expect(ledgers.runs).toHaveLength(100);
  });

  it('lets another run take the place of one that is not heard of for five minutes', async () => {
    const { client } = await openStripeAccount();
    const engine = survivingEngine();
    const { reconciler, clock } = await startReconciledApp({ adapter, client, engine });
    await engine.claim('stripe-reconciler', 'a process that was killed', 5 * 60_000);

    const tooEarly = await reconciler.run();
    await clock.advance(5 * 60_000);
    const later = await reconciler.run();

    expect(tooEarly.status).toBe('busy');
    expect(later.status).toBe('complete');
  });

  it('stops at shutdown, and goes on when the application is there again', async () => {
    const { api, client } = await openStripeAccount();
    const engine = survivingEngine();
    const first = await startReconciledApp({
      adapter,
      client,
      engine,
      providers: [ShutdownWatch],
    });
    const { clock } = first;
    for (const event of paidInvoices(clock, 150)) api.addEvent(event);
    const secondPage = deferred<ReturnType<typeof api.delay>>();
    const onProgress = (): void => secondPage.resolve(api.delay({ path: EVENTS }));

    const running = first.reconciler.run({ onProgress });
    const delayed = await secondPage.promise;
    await delayed.arrived;
    const closing = first.app.close();
    await first.app.get(ShutdownWatch).begun.promise;
    delayed.release();
    await closing;
    const second = await startReconciledApp({ adapter, client, engine, clock });
    const resumed = await second.reconciler.run();

    expect(await running).toMatchObject({ status: 'stopped', checked: 100 });
    expect(resumed.missed).toHaveLength(50);
    expect(first.ledgers.runs).toHaveLength(100);
    expect(second.ledgers.runs).toHaveLength(50);
  });

  it('puts ten thousand missed events through', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    for (let batch = 0; batch < 10; batch += 1) {
      for (const event of paidInvoices(clock, 1000)) api.addEvent(event);
    }

    const { missed } = await reconciler.run();

    expect(missed).toHaveLength(10_000);
    expect(new Set(ledgers.runs).size).toBe(10_000);
    expect(ledgers.runs).toHaveLength(10_000);
  }, 60_000);
});
