import { RefusedRequestError } from './refused-request.error.js';

/** The request is signed, but its body is not an event: not JSON, or without an id or a type. Answered 400. */
export class MalformedEventError extends RefusedRequestError {
  readonly statusCode = 400;

  constructor(
    readonly code: 'body_not_json' | 'event_malformed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
