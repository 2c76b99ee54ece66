import type Stripe from 'stripe';
import type { StripeEnvelope } from './stripe-scope.js';
import { stripeClientVersion } from './stripe-client-version.js';

/** What may stand in a header, such as `2026-10-28.endive`. */
const VERSION = /^[\x20-\x7e]{1,100}$/;

/**
 * The headers that Stripe wants with a reply: the API version the body is written in, which is the event's
 * or else the client's. https://docs.stripe.com/issuing/controls/real-time-authorizations
 */
export function stripeReplyHeaders(
  { api_version: eventVersion }: StripeEnvelope,
  client: Stripe | undefined,
): Readonly<Record<string, string>> {
  const versions = [eventVersion, stripeClientVersion(client)];
  const version = versions.find((each) => typeof each === 'string' && VERSION.test(each));
  return version ? { 'Stripe-Version': version } : {};
}
