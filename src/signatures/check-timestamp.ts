import { createSignatureError } from '../errors/create-signature-error.js';

/** Refuses a signature made more than the tolerance ago, or for a moment more than the tolerance ahead. */
export function checkTimestamp(
  timestampSeconds: number,
  nowSeconds: number,
  toleranceSeconds: number,
): void {
  if (timestampSeconds < nowSeconds - toleranceSeconds) {
    throw createSignatureError(
      'timestamp_too_old',
      'The signature is too old. Send the event again.',
    );
  }
  if (timestampSeconds > nowSeconds + toleranceSeconds) {
    throw createSignatureError('timestamp_in_future', 'The signature is from the future.');
  }
}
