import { RefusedRequestError } from './refused-request.error.js';

/** The event cannot be taken now, such as during shutdown. Answered 503 with `Retry-After`. */
export class InboxUnavailableError extends RefusedRequestError {
  readonly code = 'inbox_unavailable';
  readonly statusCode = 503;

  constructor(
    message: string,
    readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
