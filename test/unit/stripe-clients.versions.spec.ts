import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { createNotification } from '../../src/stripe/create-notification.js';
import { StripeClients } from '../../src/stripe/stripe-clients.js';

type StripeClass = typeof Stripe;

/** Each version that the package takes, by the name it is installed under. */
const VERSIONS = ['stripe-20', 'stripe-21', 'stripe-22', 'stripe'];

const notification = {
  id: 'evt_1',
  object: 'v2.core.event',
  type: 'v1.customer.created',
  context: 'org_1/acct_1',
  related_object: { url: '/v1/customers/cus_1' },
};

describe.each(VERSIONS)('The clients of events with %s', (name) => {
  const requests: { url: string; headers: IncomingHttpHeaders }[] = [];
  let server: Server;
  let clients: StripeClients;

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push({ url: request.url!, headers: request.headers });
      response.setHeader('content-type', 'application/json').end('{"object":"customer"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    // By a name that the compiler does not see: the old versions declare their types for all.
    const { default: StripeOfVersion } = (await import(name)) as { default: StripeClass };
    const client = new StripeOfVersion('sk_test_1', {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      telemetry: false,
      // An account of the client's own is not to be sent beside that of the event.
      stripeAccount: 'acct_configured',
    });
    clients = new StripeClients('stripe', () => client);
  });
  beforeEach(() => {
    requests.length = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('fetch for the context of a notification, by its header alone', async () => {
    const { fetchEvent, fetchRelatedObject } = createNotification(notification, () =>
      clients.for(notification),
    );

    await fetchEvent();
    await fetchRelatedObject();
    await clients.for(notification).v2.core.events.retrieve('evt_2');
    await clients.for(notification).billing.meters.retrieve('mtr_1');

    expect(requests.map(({ url }) => url)).toEqual([
      '/v2/core/events/evt_1',
      '/v1/customers/cus_1',
      '/v2/core/events/evt_2',
      '/v1/billing/meters/mtr_1',
    ]);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({
        'stripe-context': 'org_1/acct_1',
        authorization: 'Bearer sk_test_1',
      });
      expect(headers).not.toHaveProperty('stripe-account');
    }
  });

  it('act for the account of a snapshot event, by its header alone', async () => {
    const client = clients.for({ object: 'event', account: 'acct_2' });

    await client.customers.retrieve('cus_1');
    await client.billingPortal.configurations.list();

    expect(requests).toHaveLength(2);
    for (const { headers } of requests) {
      expect(headers['stripe-account']).toBe('acct_2');
      expect(headers).not.toHaveProperty('stripe-context');
    }
  });

  it('are refused for an event of the other mode', () => {
    expect(() => clients.for({ livemode: true })).toThrow('has a test key');
  });
});
