import { WebhooksError } from './webhooks.error.js';

/** A handler asked for `context.stripe`, and no Stripe client is configured. The message says how to. */
export class StripeClientError extends WebhooksError {
  readonly code = 'stripe_client_missing';
}
