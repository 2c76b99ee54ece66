import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import {
  HOUR_MS,
  paidInvoices,
  secondsAgo,
  startReconciledApp,
} from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';

@Injectable()
class Ours {
  readonly runs: string[] = [];

  @OnStripeEvent('invoice.paid', { endpoint: 'ours' })
  onOurs(event: { id: string }): void {
    this.runs.push(`ours ${event.id}`);
  }

  @OnStripeEvent('invoice.paid', { endpoint: 'theirs' })
  onTheirs(event: { id: string }): void {
    this.runs.push(`theirs ${event.id}`);
  }
}

describe.each(ADAPTERS)('Reconciling accounts of Stripe on %s', (adapter) => {
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

  it('asks for each account that it is given, also where Stripe does not list it', async () => {
    const { api, client } = await openStripeAccount(); // lists no accounts
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    const [event] = paidInvoices(clock, 1, 'acct_left_out');
    api.addEvent(event!);

    const found = await reconciler.run();
    const named = await reconciler.run({ accounts: ['acct_left_out', 'acct_left_out'] });

    expect(found.missed).toEqual([]);
    expect(named.missed).toMatchObject([{ id: event!.id, endpoints: ['stripe'] }]);
    expect(ledgers.runs).toEqual([event!.id]);
    expect(named.checked).toBe(1);
  });

  it('compares the others where Stripe refuses one, and says which', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, ledgers, clock } = await startReconciledApp({ adapter, client });
    const [event] = paidInvoices(clock, 1, 'acct_2');
    api.addEvent(event!);
    api.fail({ status: 403, message: 'No access to acct_1.' }, { path: '/v1/events', after: 1 });

    const report = await reconciler.run({ accounts: ['acct_1', 'acct_2'] });

    expect(report).toMatchObject({
      status: 'incomplete',
      missed: [{ id: event!.id }],
      refused: [{ account: 'acct_1', format: 'snapshot', message: 'No access to acct_1.' }],
    });
    expect(ledgers.runs).toEqual([event!.id]);
  });

  it('gives up at an error that is about no single account', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler } = await startReconciledApp({ adapter, client });
    api.fail({ status: 401, message: 'Expired key.' }, { path: '/v1/events', after: 1 });

    await expect(reconciler.run({ accounts: ['acct_1', 'acct_2'] })).rejects.toThrow(
      'Expired key.',
    );
  });

  it('keeps the events of two own accounts apart, whose endpoints are of one source', async () => {
    const [ours, theirs] = [await openStripeAccount(), await openStripeAccount()];
    ours.api.serve('/v1/account', { id: 'acct_ours' });
    theirs.api.serve('/v1/account', { id: 'acct_theirs' });
    const { app, reconciler, clock } = await startReconciledApp({
      adapter,
      client: ours.client,
      endpoints: [
        { name: 'ours' },
        { name: 'theirs', client: new Stripe('sk_test_2', theirs.api.clientOptions) },
      ],
      providers: [Ours],
    });
    const [one, other] = paidInvoices(clock, 2);
    ours.api.addEvent(one!);
    theirs.api.addEvent(other!);

    await reconciler.run({ accounts: [] });

    expect(app.get(Ours).runs.toSorted()).toEqual([`ours ${one!.id}`, `theirs ${other!.id}`]);
  });

  it('takes two keys of one account for one account', async () => {
    const { api, client } = await openStripeAccount();
    api.serve('/v1/account', { id: 'acct_ours' });
    const { app, reconciler, clock } = await startReconciledApp({
      adapter,
      client,
      endpoints: [
        { name: 'ours' },
        { name: 'theirs', client: new Stripe('sk_test_2', api.clientOptions) },
      ],
      providers: [Ours],
    });
    const [event] = paidInvoices(clock, 1);
    api.addEvent(event!);

    await reconciler.run({ accounts: [] });

    expect(app.get(Ours).runs.toSorted()).toEqual([`ours ${event!.id}`, `theirs ${event!.id}`]);
  });
});
