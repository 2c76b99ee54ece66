import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { stripeApiDouble, stripeEvent, stripeNotification } from '../../src/testing/index.js';
import type { StripeApiDouble } from '../../src/testing/index.js';

/** Each version that the package takes, by the name it is installed under. */
const VERSIONS = ['stripe-20', 'stripe-21', 'stripe-22', 'stripe'];

let api: StripeApiDouble;
let stripe: Stripe;

beforeEach(async () => {
  api = await stripeApiDouble();
  stripe = new Stripe('sk_test_1', api.clientOptions);
});
afterEach(() => api.close());

const paid = (id: string, created: number, more: object = {}) =>
  stripeEvent('invoice.paid', { id, created, ...more });

describe('/v1/events', () => {
  it('lists the newest first, page by page, in both directions', async () => {
    for (const created of [1, 2, 3, 4, 5]) api.addEvent(paid(`evt_${created}`, created));

    const all: string[] = [];
    for await (const { id } of stripe.events.list({ limit: 2 })) all.push(id);
    const newer = await stripe.events.list({ limit: 2, ending_before: 'evt_2' });

    expect(all).toEqual(['evt_5', 'evt_4', 'evt_3', 'evt_2', 'evt_1']);
    expect(api.requests.map(({ query }) => query)).toEqual([
      { limit: '2' },
      { limit: '2', starting_after: 'evt_4' },
      { limit: '2', starting_after: 'evt_2' },
      { limit: '2', ending_before: 'evt_2' },
    ]);
    expect(newer.data.map(({ id }) => id)).toEqual(['evt_4', 'evt_3']);
    expect(newer.has_more).toBe(true);
  });

  it('filters by types, time, delivery, account and mode', async () => {
    api.addEvent(paid('evt_1', 100), { isDelivered: false });
    api.addEvent(paid('evt_2', 200));
    api.addEvent(stripeEvent('charge.failed', { id: 'evt_3', created: 300 }));
    api.addEvent(paid('evt_4', 400, { account: 'acct_1' }));
    api.addEvent(paid('evt_5', 500, { livemode: true }));
    const live = new Stripe('sk_live_1', api.clientOptions);
    const idsOf = async (list: Promise<{ data: { id: string }[] }>) =>
      (await list).data.map(({ id }) => id);

    expect(await idsOf(stripe.events.list({ types: ['invoice.paid'] }))).toEqual([
      'evt_2',
      'evt_1',
    ]);
    expect(await idsOf(stripe.events.list({ type: 'charge.*' }))).toEqual(['evt_3']);
    expect(await idsOf(stripe.events.list({ created: { gte: 200, lt: 300 } }))).toEqual(['evt_2']);
    expect(await idsOf(stripe.events.list({ delivery_success: false }))).toEqual(['evt_1']);
    expect(await idsOf(stripe.events.list({}, { stripeAccount: 'acct_1' }))).toEqual(['evt_4']);
    expect(await idsOf(live.events.list())).toEqual(['evt_5']);
    api.markDelivered('evt_1');
    expect(await idsOf(stripe.events.list({ delivery_success: false }))).toEqual([]);
  });

  it('gives one event, and refuses as Stripe does', async () => {
    const event = paid('evt_1', 1);
    api.addEvent(event);

    expect(await stripe.events.retrieve('evt_1')).toMatchObject({ ...event });
    await expect(stripe.events.retrieve('evt_2')).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      code: 'resource_missing',
      statusCode: 404,
    });
    await expect(
      stripe.events.list({ type: 'invoice.paid', types: ['invoice.paid'] }),
    ).rejects.toMatchObject({ statusCode: 400 });
    await expect(
      stripe.events.list({ types: Array(21).fill('invoice.paid') as string[] }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe.each(VERSIONS)('/v2/core/events by %s', (name) => {
  it('lists page by page, filters, and gives one', async () => {
    const client = new (await clientClass(name))('sk_test_1', api.clientOptions);
    for (const created of [1, 2, 3]) {
      const relatedObject = {
        id: `cus_${created}`,
        type: 'customer',
        url: `/v1/customers/cus_${created}`,
      };
      api.addEvent(
        stripeNotification('v1.customer.created', { id: `evt_${created}`, created, relatedObject }),
      );
    }
    api.addEvent(stripeNotification('v1.customer.updated', { id: 'evt_4', context: 'acct_1' }));
    const idsOf = async (list: AsyncIterable<{ id: string }>) => {
      const ids: string[] = [];
      for await (const { id } of list) ids.push(id);
      return ids;
    };

    const all = await idsOf(client.v2.core.events.list({ limit: 2 }));
    const one = await idsOf(client.v2.core.events.list({ object_id: 'cus_2' }));
    const typed = await idsOf(client.v2.core.events.list({ types: ['v1.customer.updated'] }));
    const iso = new Date(2000).toISOString() as unknown as number;
    const late = await idsOf(client.v2.core.events.list({ created: { gte: iso } }));
    const ofAccount = await idsOf(client.v2.core.events.list({}, { stripeContext: 'acct_1' }));

    expect(all).toEqual(['evt_3', 'evt_2', 'evt_1']);
    expect([one, typed, late, ofAccount]).toEqual([['evt_2'], [], ['evt_3', 'evt_2'], ['evt_4']]);
    expect(await client.v2.core.events.retrieve('evt_1')).toMatchObject({ id: 'evt_1' });
    await expect(client.v2.core.events.retrieve('evt_9')).rejects.toMatchObject({
      statusCode: 404,
    });
  });
});

describe('objects', () => {
  it('are served by their URLs to the account they belong to, until they are removed', async () => {
    api.serve('/v1/customers/cus_1', { id: 'cus_1', object: 'customer', name: 'Ada' });
    api.serve('/v1/customers/cus_1', { id: 'cus_1', name: 'Bob' }, { account: 'acct_1' });
    api.serve('/v2/core/accounts/acct_2', ({ method }) => ({ id: 'acct_2', method }));
    const notification = stripeNotification('v2.core.account.updated', {
      relatedObject: { id: 'acct_2', type: 'v2.core.account', url: '/v2/core/accounts/acct_2' },
    });
    const parsed = stripe.parseEventNotificationWithoutVerification(JSON.stringify(notification));

    expect(await stripe.customers.retrieve('cus_1')).toMatchObject({ name: 'Ada' });
    expect(await stripe.customers.retrieve('cus_1', {}, { stripeAccount: 'acct_1' })).toMatchObject(
      { name: 'Bob' },
    );
    expect(
      await (parsed as unknown as { fetchRelatedObject(): Promise<unknown> }).fetchRelatedObject(),
    ).toMatchObject({ id: 'acct_2', method: 'GET' });
    api.remove('/v1/customers/cus_1');
    await expect(stripe.customers.retrieve('cus_1')).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('what goes wrong', () => {
  beforeEach(() => api.serve('/v1/customers/cus_1', { id: 'cus_1' }));

  it('fails so many requests, after so many others', async () => {
    api.fail({ status: 500 }, { path: '/v1/customers/cus_1', after: 1, times: 2 });
    const statuses: (number | undefined)[] = [];

    for (let request = 0; request < 4; request += 1) {
      statuses.push(
        await stripe.customers.retrieve('cus_1').then(
          () => 200,
          ({ statusCode }: { statusCode?: number }) => statusCode,
        ),
      );
    }

    expect(statuses).toEqual([200, 500, 500, 200]);
  });

  it('limits the rate with Retry-After', async () => {
    api.fail({ status: 429, retryAfterSeconds: 2 });

    const limited = stripe.customers.retrieve('cus_1');

    await expect(limited).rejects.toMatchObject({
      type: 'StripeRateLimitError',
      headers: { 'retry-after': '2' },
    });
  });

  it('holds requests back until they are released', async () => {
    const delayed = api.delay({ method: 'GET', path: /customers/ });
    let isAnswered = false;

    const retrieving = stripe.customers.retrieve('cus_1').then(() => (isAnswered = true));
    const { path } = await delayed.arrived;
    expect([path, isAnswered]).toEqual(['/v1/customers/cus_1', false]);

    delayed.release();
    await retrieving;
    expect(isAnswered).toBe(true);
  });
});

async function clientClass(name: string): Promise<typeof Stripe> {
  return ((await import(name)) as { default: typeof Stripe }).default;
}
