import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { stripeApiDouble } from '../../src/testing/index.js';
import type { StripeApiDouble } from '../../src/testing/index.js';

/** Each version that the package takes, by the name it is installed under. */
const VERSIONS = ['stripe-20', 'stripe-21', 'stripe-22', 'stripe'];

let api: StripeApiDouble;
beforeEach(async () => {
  api = await stripeApiDouble();
});
afterEach(() => api.close());

describe.each(VERSIONS)('the endpoints of Stripe by %s', (name) => {
  let stripe: Stripe;
  beforeEach(async () => {
    stripe = new (await clientClass(name))('sk_test_1', api.clientOptions);
  });

  it('are webhook endpoints, whose secret is given only once', async () => {
    const created = await stripe.webhookEndpoints.create({
      url: 'https://example.com/webhooks/stripe',
      enabled_events: ['invoice.paid', 'charge.failed'],
      metadata: { owner: 'inbox', team: 'billing' },
    });
    const { id } = created;
    const disabled = await stripe.webhookEndpoints.update(id, {
      disabled: true,
      enabled_events: ['invoice.paid'],
      metadata: { team: '' },
    });
    const retrieved = await stripe.webhookEndpoints.retrieve(id);
    const { data } = await stripe.webhookEndpoints.list();

    expect(created).toMatchObject({ status: 'enabled', livemode: false, secret: `whsec_of_${id}` });
    expect(disabled).toMatchObject({
      status: 'disabled',
      enabled_events: ['invoice.paid'],
      metadata: { owner: 'inbox' },
    });
    expect(data).toEqual([{ ...api.webhookEndpoints[0] }]);
    expect([retrieved.secret, data[0]!.secret]).toEqual([undefined, undefined]);

    const deleted = await stripe.webhookEndpoints.del(id);
    expect(deleted).toMatchObject({ id, deleted: true });
    await expect(stripe.webhookEndpoints.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('are at most 16 in a mode, and what is fixed at creation is refused', async () => {
    const create = (client: Stripe) =>
      client.webhookEndpoints.create({ url: 'https://example.com', enabled_events: ['*'] });
    const live = new (await clientClass(name))('sk_live_1', api.clientOptions);
    for (let count = 0; count < 16; count += 1) await create(stripe);

    await expect(create(stripe)).rejects.toMatchObject({ statusCode: 400 });
    expect((await create(live)).livemode).toBe(true);
    const update = { api_version: '2020-08-27' } as object;
    await expect(stripe.webhookEndpoints.update('we_1', update)).rejects.toMatchObject({
      statusCode: 400,
    });
    expect((await stripe.webhookEndpoints.list({ limit: 3 })).has_more).toBe(true);
  });

  it('are event destinations, which show only what is included', async () => {
    const { eventDestinations } = stripe.v2.core;
    const created = await eventDestinations.create({
      name: 'Inbox',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.customer.created'],
      webhook_endpoint: { url: 'https://example.com/webhooks/stripe' },
      include: ['webhook_endpoint.signing_secret'],
    });
    const { id } = created;
    const included = await eventDestinations.retrieve(id, { include: ['webhook_endpoint.url'] });
    const updated = await eventDestinations.update(id, { enabled_events: ['v1.customer.updated'] });
    const disabled = await eventDestinations.disable(id);
    const enabled = await eventDestinations.enable(id);
    const { data } = await eventDestinations.list();

    expect(created).toMatchObject({
      id: 'ed_test_1',
      status: 'enabled',
      events_from: ['@self'],
      webhook_endpoint: { signing_secret: 'whsec_of_ed_test_1' },
    });
    expect(included.webhook_endpoint).toEqual({ url: 'https://example.com/webhooks/stripe' });
    expect(updated).toMatchObject({
      enabled_events: ['v1.customer.updated'],
      webhook_endpoint: {},
    });
    expect(disabled).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'user' } },
    });
    expect([enabled.status, data.length, data[0]!.webhook_endpoint]).toEqual(['enabled', 1, {}]);

    const fixed = eventDestinations.update(id, { event_payload: 'snapshot' } as object);
    await expect(fixed).rejects.toMatchObject({ statusCode: 400 });
    await eventDestinations.del(id);
    await expect(eventDestinations.retrieve(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('are sent a ping, signed', async () => {
    const pings: { body: string; signature: string | undefined }[] = [];
    let onPing!: () => void;
    const pinged = new Promise<void>((resolve) => (onPing = resolve));
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        pings.push({ body, signature: request.headers['stripe-signature'] as string });
        response.end();
        onPing();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { id } = await stripe.v2.core.eventDestinations.create({
      name: 'Inbox',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.customer.created'],
      webhook_endpoint: { url: `http://127.0.0.1:${port}/` },
    });

    const event = await stripe.v2.core.eventDestinations.ping(id);
    await pinged;
    await new Promise((resolve) => server.close(resolve));

    expect(event).toMatchObject({ type: 'v2.core.event_destination.ping', related_object: { id } });
    const [{ body, signature }] = pings as [{ body: string; signature: string }];
    expect(stripe.parseEventNotification(body, signature, 'whsec_of_ed_test_1').id).toBe(event.id);
    expect(await stripe.v2.core.events.retrieve(event.id)).toMatchObject({ id: event.id });
  });

  it('are created once by one idempotency key, and not for another request', async () => {
    const create = (url: string) =>
      stripe.webhookEndpoints.create(
        { url, enabled_events: ['*'] },
        { idempotencyKey: 'the same key' },
      );

    const first = await create('https://example.com/1');
    const again = await create('https://example.com/1');

    expect(again.id).toBe(first.id);
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
    await expect(create('https://example.com/2')).rejects.toMatchObject({
      type: 'StripeIdempotencyError',
    });
    expect(api.webhookEndpoints).toHaveLength(1);
  });
});

async function clientClass(name: string): Promise<typeof Stripe> {
  return ((await import(name)) as { default: typeof Stripe }).default;
}
