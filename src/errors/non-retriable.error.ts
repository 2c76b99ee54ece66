import { WebhooksError } from './webhooks.error.js';

/**
 * Thrown by a handler whose event can never succeed. The delivery becomes `dead` at once, without
 * further attempts, and the sender is answered as if it had been handled.
 *
 * @example
 * throw new NonRetriableError(`No plan has the price ${priceId}`);
 */
export class NonRetriableError extends WebhooksError {
  readonly code: string = 'non_retriable';
}
