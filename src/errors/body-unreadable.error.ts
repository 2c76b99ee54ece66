import { RefusedRequestError } from './refused-request.error.js';

/** The body did not arrive whole, or its compression is broken. Answered 400. */
export class BodyUnreadableError extends RefusedRequestError {
  readonly code = 'body_unreadable';
  readonly statusCode = 400;
}
