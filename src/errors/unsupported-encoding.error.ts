import { RefusedRequestError } from './refused-request.error.js';

/** The body has a `Content-Encoding` other than gzip or deflate. Answered 415. */
export class UnsupportedEncodingError extends RefusedRequestError {
  readonly code = 'encoding_unsupported';
  readonly statusCode = 415;

  constructor() {
    super('The Content-Encoding of this request is not supported. Send it plain, gzip or deflate.');
  }
}
