import { createStripeSignature } from '../signatures/stripe-signature.js';

export interface SignStripeOptions {
  /** The body, byte for byte as it will be sent. */
  readonly body: string | Uint8Array;
  /** The endpoint's signing secret, the whole `whsec_…`. */
  readonly secret: string;
  /**
   * When it was signed, in seconds since 1970.
   * @default now
   */
  readonly timestamp?: number;
}

/**
 * The value of the `Stripe-Signature` header for a body, as Stripe makes it.
 *
 * @example
 * const headers = { 'Stripe-Signature': signStripe({ body, secret: 'whsec_test' }) };
 */
export function signStripe({
  body,
  secret,
  timestamp = Math.floor(Date.now() / 1000),
}: SignStripeOptions): string {
  return createStripeSignature(Buffer.from(body), secret, timestamp);
}
