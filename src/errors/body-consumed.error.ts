import { WebhooksError } from './webhooks.error.js';

/**
 * Something read the body before it could be kept, so no signature can be checked. Answered 500
 * without detail, because it is a fault of the application; the log says what to change.
 */
export class BodyConsumedError extends WebhooksError {
  readonly code = 'body_consumed';
}
