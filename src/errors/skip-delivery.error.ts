import { WebhooksError } from './webhooks.error.js';

/**
 * Thrown by a handler that finds that the event is not for it. The delivery is `skipped` with the
 * message as its reason: no failure, no further attempt.
 *
 * @example
 * if (!customer) throw new SkipDelivery('not a customer of this product');
 */
export class SkipDelivery extends WebhooksError {
  readonly code = 'delivery_skipped';

  constructor(readonly reason: string) {
    super(reason);
  }
}
