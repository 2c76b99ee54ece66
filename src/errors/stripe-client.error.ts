import { WebhooksError } from './webhooks.error.js';

/** A handler asked for `context.stripe`, and no Stripe client that fits is configured. The message says how to. */
export class StripeClientError extends WebhooksError {
  readonly code = 'stripe_client_unusable';
}
