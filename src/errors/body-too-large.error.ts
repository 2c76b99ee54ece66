import { RefusedRequestError } from './refused-request.error.js';

/** The body, or what it inflates to, is over the endpoint's `maxBodyBytes`. Answered 413. */
export class BodyTooLargeError extends RefusedRequestError {
  readonly code = 'body_too_large';
  readonly statusCode = 413;

  constructor(readonly maxBodyBytes: number) {
    super(`The body is larger than the ${maxBodyBytes} bytes this endpoint takes (maxBodyBytes).`);
  }
}
