import { describe, expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { NonRetriableError } from '../../src/errors/non-retriable.error.js';
import { createNotification } from '../../src/stripe/create-notification.js';

/** Each version that the package takes, by the name it is installed under. */
const VERSIONS = ['stripe-20', 'stripe-21', 'stripe-22', 'stripe'];

const ELSEWHERE = [
  '//evil.example/v1/customers/cus_1',
  'https://evil.example/v1/customers/cus_1',
  'http://evil.example',
  '/\\evil.example/v1/customers/cus_1',
  '\\\\evil.example/v1/customers/cus_1',
  '/\t/evil.example/v1/customers/cus_1',
  ' //evil.example/v1/customers/cus_1',
  '@evil.example/v1/customers/cus_1',
  '.evil.example/v1/customers/cus_1',
  'v1/customers/cus_1',
  '/v1/customers/cus_1\r\nX-Injected: 1',
  '',
];

/** A client on `fetch`, which resolves what it is given against Stripe's address. */
async function clientOf(version: string): Promise<{ client: Stripe; asked: string[] }> {
  const asked: string[] = [];
  // By a name that the compiler does not see: the old versions declare their types for all.
  const { default: StripeOfVersion } = (await import(version)) as { default: typeof Stripe };
  const httpClient = StripeOfVersion.createFetchHttpClient(async (url) => {
    asked.push(url instanceof Request ? url.url : url.toString());
    return Response.json({ object: 'customer' });
  });
  const client = new StripeOfVersion('sk_test_1', { httpClient, telemetry: false });
  return { client, asked };
}

describe.each(VERSIONS)('The related object of a notification with %s', (version) => {
  it.each(ELSEWHERE)(
    'is not fetched from %j, so that the API key stays with Stripe',
    async (url) => {
      const { client, asked } = await clientOf(version);
      const notification = createNotification(
        { id: 'evt_1', related_object: { url } },
        () => client,
      );

      await expect(notification.fetchRelatedObject()).rejects.toThrow(NonRetriableError);

      expect(asked).toEqual([]);
    },
  );

  it.each(['/v1/customers/cus_1', '/v2/core/accounts/acct_1?include=identity'])(
    'is fetched from %s at Stripe',
    async (url) => {
      const { client, asked } = await clientOf(version);
      const related = { id: 'evt_1', related_object: { url } };

      await createNotification(related, () => client).fetchRelatedObject();

      expect(asked).toEqual([`https://api.stripe.com${url}`]);
    },
  );
});
