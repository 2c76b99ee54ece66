import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { StripeCanary } from '../../src/stripe/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import { watchedClock } from '../support/watched-clock.js';

describe.each(ADAPTERS)('The canary on %s', (adapter) => {
  /** An application, and a destination that sends to a path of it. */
  async function start(
    endpoints: NonNullable<WebhookAppOptions['endpoints']>,
    path: string,
    options: Partial<WebhookAppOptions> = {},
  ) {
    const account = await openStripeAccount();
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: endpoints.map((endpoint) => ({ client: account.client, ...endpoint })),
      ...options,
    });
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const destination = {
      name: 'ours',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.customer.created'] as string[],
      webhook_endpoint: { url: new URL(path, baseUrl).href },
    } as const;
    await account.client.v2.core.eventDestinations.create(destination);
    return { ...account, canary: app.get(StripeCanary), stripe, baseUrl };
  }

  it('sees a ping arrive', async () => {
    const { canary, baseUrl } = await start(
      [{ secrets: 'whsec_of_ed_test_1' }],
      '/webhooks/stripe',
    );

    const reports = await canary.ping({ baseUrl });

    expect(reports).toEqual([
      {
        endpoint: 'stripe',
        url: `${baseUrl}/webhooks/stripe`,
        destination: 'ed_test_1',
        status: 'arrived',
        roundTripMs: expect.any(Number),
        message: 'It arrived.',
      },
    ]);
  });

  it('says that a ping was refused, and why', async () => {
    const { canary, baseUrl } = await start([{ secrets: 'whsec_other' }], '/webhooks/stripe');

    const reports = await canary.ping({ baseUrl, withinMs: 500 });

    expect(reports).toMatchObject([
      { status: 'refused', message: expect.stringContaining('signature_mismatch') },
    ]);
  });

  it('says that a ping has reached another endpoint', async () => {
    const elsewhere = 'https://app.example/hook'; // the double sends to this machine only
    const { canary, client, api, stripe } = await start(
      [{ publicUrl: elsewhere }, { name: 'other', secrets: 'whsec_other' }],
      elsewhere,
    );
    const delayed = api.delay({ path: /ping$/ });

    const pinging = canary.ping({ endpoint: 'stripe' });
    await delayed.arrived;
    delayed.release();
    const { data } = await client.v2.core.events.list();
    await stripe('other').send(data[0]!);

    expect(await pinging).toMatchObject([
      { status: 'wrong_endpoint', message: expect.stringContaining('at the endpoint "other"') },
    ]);
  });

  it('says that nothing arrived, when the time is over', async () => {
    const elsewhere = 'https://app.example/hook';
    const clock = watchedClock();
    const { canary } = await start([{ publicUrl: elsewhere }], elsewhere, { clock });
    const isWaiting = clock.whenSet(250);

    const pinging = canary.ping();
    await isWaiting;
    await clock.advance(30_000);

    expect(await pinging).toMatchObject([{ status: 'not_arrived', roundTripMs: undefined }]);
    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('says that there is nothing to ping', async () => {
    const { canary, client, baseUrl } = await start([{}], '/elsewhere');
    const url = `${baseUrl}/webhooks/stripe`;
    await client.webhookEndpoints.create({ url, enabled_events: ['invoice.paid'] });

    expect(await canary.ping({ baseUrl })).toMatchObject([
      { status: 'no_destination', destination: undefined },
    ]);
  });
});
