import { WebhooksError } from './webhooks.error.js';

/** Stripe, or what stands between here and Stripe, gave an answer that cannot be worked with. */
export class StripeAnswerError extends WebhooksError {
  readonly code = 'stripe_answer_unusable';
}
