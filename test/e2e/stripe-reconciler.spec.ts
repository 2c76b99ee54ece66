import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { memoryEngine, WebhookConfigurationError, WebhookInbox } from '../../src/index.js';
import { StripeReconciler } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, cards } from '../support/card-app.js';
import {
  HOUR_MS,
  Ledgers,
  paidInvoices,
  secondsAgo,
  startReconciledApp,
} from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

describe.each(ADAPTERS)('Reconciling with Stripe on %s', (adapter) => {
  it('runs the handlers once for what never came, and not for what did', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock, stripe } = await startReconciledApp({ adapter, client });
    const [delivered, missed] = paidInvoices(clock, 2);
    const unwanted = stripeEvent('charge.failed', { created: secondsAgo(clock, HOUR_MS / 2) });
    for (const event of [delivered!, missed!, unwanted]) api.addEvent(event);
    await stripe().send(delivered!);

    const first = await reconciler.run();
    const second = await reconciler.run();

    expect(first).toEqual({
      status: 'complete',
      checked: 2,
      missed: [
        {
          id: missed!.id,
          type: 'invoice.paid',
          source: 'stripe',
          endpoints: ['stripe'],
          format: 'snapshot',
          livemode: false,
          account: undefined,
          createdAt: new Date(missed!.created * 1000),
        },
      ],
    });
    expect(second).toMatchObject({ status: 'complete', checked: 2, missed: [] });
    expect(ledgers.runs).toEqual([delivered!.id, missed!.id]);
  });

  it('stores what it finds as reconciled, with the source of what is delivered', async () => {
    const { api, client } = await openStripeAccount();
    const { app, reconciler, ledgers, clock, stripe } = await startReconciledApp({
      adapter,
      client,
    });
    const [event] = paidInvoices(clock, 1);
    api.addEvent(event!);

    await reconciler.run();
    const { status } = await stripe().send(event!);

    expect(status).toBe(200);
    expect(await app.get(WebhookInbox).find('stripe', event!.id)).toMatchObject({
      source: 'stripe',
      arrivedBy: 'reconciled',
      deliveries: [{ status: 'succeeded', attempts: 1 }],
    });
    expect(ledgers.contexts).toMatchObject([{ arrivedBy: 'reconciled', secretLabel: undefined }]);
  });

  it('asks for the accounts it is given, in both formats, and names them to the handlers', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    const created = secondsAgo(clock, HOUR_MS / 2);
    api.addEvent(stripeEvent('invoice.paid', { id: 'evt_1', created, account: 'acct_1' }));
    api.addEvent({
      ...stripeNotification('v1.customer.created', { id: 'evt_2', context: 'acct_2' }),
      created: new Date(created * 1000).toISOString(),
    });

    const { missed } = await reconciler.run({ accounts: ['acct_1', 'acct_2'] });

    expect(missed.map(({ id, account, format }) => [id, account, format])).toEqual([
      ['evt_1', 'acct_1', 'snapshot'],
      ['evt_2', 'acct_2', 'notification'],
    ]);
    expect(ledgers.contexts.map(({ eventId, account }) => [eventId, account])).toEqual([
      ['evt_1', 'acct_1'],
      ['evt_2', 'acct_2'],
    ]);
  });

  it('finds the connected accounts where it is given none', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    api.serve('/v1/accounts', { object: 'list', has_more: false, data: [{ id: 'acct_1' }] });
    api.addEvent(paidInvoices(clock, 1, 'acct_1')[0]!);

    const { missed } = await reconciler.run();

    expect(missed.map(({ account }) => account)).toEqual(['acct_1']);
  });

  it('names the account of an event that Stripe lists for it without naming it', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    const created = secondsAgo(clock, HOUR_MS / 2);
    const invoice = stripeEvent('invoice.paid', { id: 'evt_1', created });
    const customer = stripeNotification('v1.customer.created', { id: 'evt_2' });
    const noEvents = { object: 'list', data: [], has_more: false, next_page_url: null };
    const listed = (event: object) => ({ ...noEvents, data: [event] });
    api.serve('/v1/events', noEvents);
    api.serve('/v2/core/events', noEvents);
    api.serve('/v1/events', listed(invoice), { account: 'acct_1' });
    api.serve('/v2/core/events', listed(customer), { account: 'acct_1' });

    await reconciler.run({ accounts: ['acct_1'] });

    expect(ledgers.contexts.map(({ eventId, account }) => [eventId, account])).toEqual([
      ['evt_1', 'acct_1'],
      ['evt_2', 'acct_1'],
    ]);
  });

  it('leaves out what a reply was waited for', async () => {
    const { api, client } = await openStripeAccount();
    const providers = [cards(() => APPROVED, { scope: 'any' })];
    const { reconciler, clock } = await startReconciledApp({ adapter, client, providers });
    api.addEvent(cardRequest({ created: secondsAgo(clock, HOUR_MS / 2) }));

    const { checked } = await reconciler.run({ accounts: [] });

    expect(checked).toBe(0);
  });

  it('says in a dry run what was missed, and does nothing about it', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    api.addEvent(paidInvoices(clock, 1)[0]!);

    const dry = await reconciler.run({ accounts: [], dryRun: true });
    const runsOfDryRun = [...ledgers.runs];
    const wet = await reconciler.run({ accounts: [] });

    expect(dry.missed).toHaveLength(1);
    expect(runsOfDryRun).toEqual([]);
    expect(wet.missed).toHaveLength(1);
  });

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

  it('leaves what may still be on its way', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock } = await startReconciledApp({ adapter, client });
    api.addEvent(stripeEvent('invoice.paid', { created: secondsAgo(clock, 30_000) }));

    const now = await reconciler.run({ accounts: [] });
    await clock.advance(60_000);
    const later = await reconciler.run({ accounts: [] });

    expect(now.missed).toEqual([]);
    expect(later.missed).toHaveLength(1);
  });

  it('refuses an engine that would know nothing of what came before', async () => {
    const { client } = await openStripeAccount();
    const { app } = await startWebhookApp({
      adapter,
      endpoints: [{ client }],
      inbox: { engine: memoryEngine() },
      providers: [Ledgers],
    });

    const running = app.get(StripeReconciler).run();

    await expect(running).rejects.toThrow(WebhookConfigurationError);
    await expect(running).rejects.toThrow('stores nothing that outlives the process');
  });
});
