import type Stripe from 'stripe';

/** The API version of a client; undefined for what is no client of the SDK, such as a test's double. */
export function stripeClientVersion(client: Stripe | undefined): string | undefined {
  const { getApiField } = (client ?? {}) as { getApiField?: (name: string) => unknown };
  const version = getApiField?.call(client, 'version');
  return typeof version === 'string' ? version : undefined;
}
