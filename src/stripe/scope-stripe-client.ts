import type Stripe from 'stripe';

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
 */
export function scopeStripeClient(client: Stripe, account: string): Stripe {
  const internals = client as unknown as StripeInternals;
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
