import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { StripeAnswerError } from '../../src/index.js';
import { StripeDestinations } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { paidInvoices, startReconciledApp } from '../support/reconciled-app.js';
import { openStripeAccount } from '../support/stripe-account.js';
import { watchedClock } from '../support/watched-clock.js';

const DESTINATIONS = '/v2/core/event_destinations';
const KEY = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc';

describe.each(ADAPTERS)('An answer of Stripe that cannot be right, on %s,', (adapter) => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each(['//elsewhere.example/v2/core/events', 'https://elsewhere.example/', '/etc'])(
    'sends the key to no page at %s',
    async (next_page_url) => {
      const { api, client } = await openStripeAccount();
      const { reconciler } = await startReconciledApp({ adapter, client });
      api.serve('/v2/core/events', { data: [], next_page_url });

      const running = reconciler.run({ accounts: [] });

      await expect(running).rejects.toThrow(StripeAnswerError);
      await expect(running).rejects.toThrow("leads to no further page of Stripe's API");
    },
  );

  it('is not asked for again and again', async () => {
    const { api, client } = await openStripeAccount();
    const { reconciler, clock, ledgers } = await startReconciledApp({ adapter, client });
    const data = paidInvoices(clock, 3);
    api.serve('/v1/events', { object: 'list', has_more: true, data });

    await expect(reconciler.run({ accounts: [] })).rejects.toThrow(StripeAnswerError);

    expect(ledgers.runs).toHaveLength(3);
  });

  it('leaves neither a destination whose secret nobody has nor a file without one', async () => {
    const { client, asked } = await openForgetfulStripe();
    const { app } = await startReconciledApp({ adapter, client });
    const applying = app.get(StripeDestinations).apply({
      baseUrl: 'https://app.example',
      secretFile: join(folder, 'secrets.env'),
    });

    await expect(applying).rejects.toThrow(/secret of ed_1.*delete it in Stripe/);

    expect(asked).toContain(`DELETE ${DESTINATIONS}/ed_1`);
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes no key into the log that it repeats', async () => {
    const { api } = await openStripeAccount();
    const clock = watchedClock();
    const client = new Stripe(KEY, api.clientOptions);
    const message = `Invalid API Key provided: ${KEY}`;
    api.fail({ status: 401, message }, { times: 1000 });
    const runEnded = clock.whenSet(1e9);

    const { logger, reconciler } = await startReconciledApp({
      adapter,
      client,
      clock,
      endpoint: {
        reconcile: { onStart: true, everyMs: 1e9 },
        publicUrl: 'https://app.example/webhooks/stripe',
        checkOnStart: true,
      },
    });
    await runEnded;
    api.fail({ status: 403, message }, { path: '/v1/events', times: 1000 });
    await expect(reconciler.run({ accounts: [] })).rejects.toThrow('Invalid API Key');

    const logged = [...logger.ofInbox('warn'), ...logger.ofInbox('error')];
    expect(logged.join()).toContain('Invalid API Key provided: sk_test_…');
    expect(logged.join()).not.toContain(KEY);
  });
});

/** It makes destinations without telling their secrets, and cannot delete them. */
async function openForgetfulStripe(): Promise<{ client: Stripe; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    const made = { id: 'ed_1', object: 'v2.core.event_destination', webhook_endpoint: {} };
    const answer = method === 'POST' ? made : { data: [], has_more: false, next_page_url: null };
    response.writeHead(method === 'DELETE' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(method === 'DELETE' ? { error: { message: 'No.' } } : answer));
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const options = { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 } as const;
  return { client: new Stripe('sk_test_1', options), asked };
}

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
