import type Stripe from 'stripe';
import { StripeClientError } from '../errors/stripe-client.error.js';

/** What the SDK's own `withStripeContext` copies from one client to another. */
interface StripeInternals {
  readonly constructor: new (key: string, config: object) => Stripe;
  readonly _authenticator?: unknown;
  readonly _appInfo?: unknown;
  getApiField(name: string): unknown;
  getTelemetryEnabled(): boolean;
}

/**
 * A client like the given one whose requests are made for a connected account (`Stripe-Account`). It
 * shares key, API version, HTTP agent and retries, as the SDK's `withStripeContext` does for its header.
 * @throws StripeClientError for what is not a client of the SDK, such as a test's double.
 */
export function scopeStripeClient(client: Stripe, account: string): Stripe {
  const internals = client as unknown as StripeInternals;
  if (typeof internals.getApiField !== 'function') {
    throw new StripeClientError(
      `context.stripe cannot be made for the account ${account}: the configured client is not a Stripe object.`,
    );
  }
  return new internals.constructor('', {
    authenticator: internals._authenticator,
    apiVersion: internals.getApiField('version'),
    maxNetworkRetries: internals.getApiField('maxNetworkRetries'),
    httpClient: internals.getApiField('httpClient'),
    timeout: internals.getApiField('timeout'),
    host: internals.getApiField('host'),
    port: internals.getApiField('port'),
    protocol: internals.getApiField('protocol'),
    telemetry: internals.getTelemetryEnabled(),
    appInfo: internals._appInfo,
    stripeAccount: account,
  });
}
