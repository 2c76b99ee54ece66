import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import { postgresEngine } from '../../src/postgres/index.js';
import { StripeReconciler } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import type { StripeApiDouble } from '../../src/testing/index.js';
import { startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookApp } from '../support/build-webhook-app.js';
import { Ledgers } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import type { StripeAccount } from '../support/stripe-account.js';
import { createTestSchema } from './test-schema.js';

const ACCOUNTS = [undefined, 'acct_1', 'acct_2'];
const SINCE = new Date(Date.now() - 60 * 60_000);

it('brings 5,000 events of three accounts and two formats to their handlers once, for two applications', async () => {
  const account = await openStripeAccount();
  const schema = createTestSchema();
  const [one, two] = [await start(account, schema), await start(account, schema)];
  const events = addEvents(account.api, 5000);
  for (const event of events.filter((_, index) => index % 50 === 0)) {
    await one.stripe().send(event);
    await two.stripe().send(event);
  }
  const options = { since: SINCE, accounts: ['acct_1', 'acct_2'] };

  const both = await Promise.all([reconcile(one, options), reconcile(two, options)]);
  const again = await reconcile(two, options);

  const runs = [one, two].flatMap(({ app }) => app.get(Ledgers).runs);
  expect(both.map(({ status }) => status).sort()).toEqual(['busy', 'complete']);
  expect(both.flatMap(({ missed }) => missed)).toHaveLength(4900);
  expect(again).toMatchObject({ status: 'complete', checked: 5000, missed: [] });
  expect(runs.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
}, 180_000);

function start(
  { client }: StripeAccount,
  schema: ReturnType<typeof createTestSchema>,
): Promise<WebhookApp> {
  return startWebhookApp({
    adapter: 'express',
    endpoints: [{ client }],
    inbox: { engine: postgresEngine(schema), ack: 'handled' },
    providers: [Ledgers],
  });
}

function reconcile(
  { app }: WebhookApp,
  options: Parameters<StripeReconciler['run']>[0],
): ReturnType<StripeReconciler['run']> {
  return app.get(StripeReconciler).run(options);
}

/** Half of them notifications, of all accounts in turn, one after the other within half an hour. */
function addEvents(api: StripeApiDouble, count: number): { id: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const account = ACCOUNTS[index % ACCOUNTS.length];
    const createdMs = SINCE.getTime() + Math.floor((index / count) * 30 * 60_000);
    const event =
      index % 2 === 0
        ? stripeEvent('invoice.paid', {
            created: Math.floor(createdMs / 1000),
            ...(account && { account }),
          })
        : {
            ...stripeNotification('v1.customer.created', account ? { context: account } : {}),
            created: new Date(createdMs).toISOString(),
          };
    api.addEvent(event);
    return event;
  });
}
