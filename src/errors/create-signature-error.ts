import { SignatureError } from './signature.error.js';
import type { SignatureErrorCode } from './signature.error.js';
import { withoutStack } from './without-stack.js';

/** A `SignatureError` as cheap as can be: anyone may send forged requests. */
export function createSignatureError(code: SignatureErrorCode, message: string): SignatureError {
  return withoutStack(() => new SignatureError(code, message));
}
