import { RefusedRequestError } from './refused-request.error.js';

/** Why a signature was refused. */
export type SignatureErrorCode =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'timestamp_too_old'
  | 'timestamp_in_future';

/** The request does not prove that it comes from the sender. Answered 400. */
export class SignatureError extends RefusedRequestError {
  readonly statusCode = 400;

  constructor(
    readonly code: SignatureErrorCode,
    message: string,
  ) {
    super(message);
  }
}
