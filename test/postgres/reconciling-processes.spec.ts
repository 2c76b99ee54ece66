import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { postgresEngine } from '../../src/postgres/index.js';
import { StripeReconciler } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { startWebhookApp } from '../support/build-webhook-app.js';
import { Ledgers } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import type { StripeAccount } from '../support/stripe-account.js';
import { startProcess } from './processes/start-process.js';
import type { TestProcess } from './processes/start-process.js';
import { createTestSchema, testPool } from './test-schema.js';

const HOUR_MS = 60 * 60_000;
const SINCE = new Date(Date.now() - HOUR_MS);
const EVENTS = 250;
const TIMEOUT_MS = 120_000;

type TestSchema = ReturnType<typeof createTestSchema>;

it(
  'goes on after a process that was killed between two pages, running nothing twice',
  async () => {
    const { account, options, ids } = await openAccountWithEvents();
    const first = await startReconciling(account, options);
    first.tell('freeze');
    await first.says('page');
    await first.kill();
    const app = await startApp(account, options);
    const reconciler = app.get(StripeReconciler);

    const tooEarly = await reconciler.run({ since: SINCE, accounts: [] });
    await endLease(options);
    const next = await reconciler.run({ since: SINCE, accounts: [] });
    const again = await reconciler.run({ since: SINCE, accounts: [] });

    expect(tooEarly.status).toBe('busy');
    expect(next).toMatchObject({ status: 'complete', checked: EVENTS });
    expect(next.missed).toHaveLength(EVENTS - 100);
    expect(again.missed).toEqual([]);
    expect(await runsOf(app, options, ids)).toEqual(ids);
  },
  TIMEOUT_MS,
);

it(
  'is done by one of two processes that begin at once',
  async () => {
    const { account, options, ids } = await openAccountWithEvents();
    const processes = [
      await startReconciling(account, options),
      await startReconciling(account, options),
    ];
    const delayed = account.api.delay({ path: '/v1/events' });

    processes.forEach((each) => each.tell('run'));
    await delayed.arrived;
    const ends = processes.map((each) => each.says('ended'));
    const first = await Promise.race(ends);
    delayed.release();
    const all = await Promise.all(ends);
    const app = await startApp(account, options);

    expect(first).toBe('busy 0');
    expect(all.toSorted()).toEqual(['busy 0', `complete ${EVENTS}`]);
    expect(await runsOf(app, options, ids)).toEqual(ids);
  },
  TIMEOUT_MS,
);

async function openAccountWithEvents() {
  const account = await openStripeAccount();
  const ids = Array.from({ length: EVENTS }, (_, index) => {
    const created = Math.floor(SINCE.getTime() / 1000) + index;
    const event = stripeEvent('invoice.paid', { created });
    account.api.addEvent(event);
    return event.id;
  });
  return { account, options: createTestSchema(), ids: ids.toSorted() };
}

async function startReconciling(
  { api }: StripeAccount,
  { schema }: TestSchema,
): Promise<TestProcess> {
  const port = String(api.clientOptions.port);
  const started = startProcess([schema, port, SINCE.toISOString()], {}, 'reconciling.mjs');
  await started.says('started');
  return started;
}

async function startApp({ client }: StripeAccount, options: TestSchema) {
  const { app } = await startWebhookApp({
    adapter: 'express',
    endpoints: [{ client }],
    inbox: { engine: postgresEngine(options) },
    providers: [Ledgers],
  });
  return app;
}

/** As after five minutes. */
async function endLease({ schema }: TestSchema): Promise<void> {
  await testPool().query(`UPDATE ${schema}.webhook_claim SET until = now()`);
}

/** The events that the handler has run for, when it has run for all. */
async function runsOf(
  app: Awaited<ReturnType<typeof startApp>>,
  options: TestSchema,
  ids: readonly string[],
): Promise<string[]> {
  const engine = postgresEngine(options);
  await engine.start({ clock: { now: () => Date.now(), setTimer: () => () => {} } });
  await Promise.all(ids.map((id) => engine.attempted({ source: 'stripe', id })));
  await engine.stop();
  return app.get(Ledgers).runs.toSorted();
}
