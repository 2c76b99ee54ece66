import { afterEach } from '@jest/globals';
import Stripe from 'stripe';
import { stripeApiDouble } from '../../src/testing/index.js';
import type { StripeApiDouble } from '../../src/testing/index.js';

export interface StripeAccount {
  readonly api: StripeApiDouble;
  /** A real client of a test key. */
  readonly client: Stripe;
  readonly liveClient: Stripe;
}

const opened: StripeApiDouble[] = [];

// Every API that a test has started ends with the test.
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

/** An account of Stripe on this machine, with nothing in it and no connected accounts. */
export async function openStripeAccount(): Promise<StripeAccount> {
  const api = await stripeApiDouble();
  opened.push(api);
  api.serve('/v1/accounts', { object: 'list', has_more: false, data: [] });
  return {
    api,
    client: new Stripe('sk_test_1', api.clientOptions),
    liveClient: new Stripe('sk_live_1', api.clientOptions),
  };
}

/** What someone else has made in the account: an endpoint of `/v1`, and destinations of `/v2`. */
export async function addForeignDestinations(
  { client }: StripeAccount,
  url: string,
): Promise<void> {
  await client.webhookEndpoints.create({
    url: 'https://other.example/hooks',
    enabled_events: ['*'],
    metadata: { team: 'data' },
  });
  await client.webhookEndpoints.create({ url, enabled_events: ['charge.failed'] });
  await client.v2.core.eventDestinations.create({
    name: 'theirs',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['v1.customer.created'],
    webhook_endpoint: { url },
  });
}
