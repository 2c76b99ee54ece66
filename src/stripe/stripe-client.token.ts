/**
 * Token of the Stripe client behind `context.stripe`. An endpoint's `client` option provides it, or the
 * application does; tests override it.
 */
export const STRIPE_CLIENT = Symbol.for('nestjs-webhook-inbox:stripe-client');
