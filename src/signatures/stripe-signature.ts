import { createSignatureError } from '../errors/create-signature-error.js';
import type { SignatureError } from '../errors/signature.error.js';
import { checkTimestamp } from './check-timestamp.js';
import { equalSignatures, hmacSha256 } from './hmac-sha256.js';
import type { LabelledSecret } from './labelled-secret.interface.js';

export interface StripeSignatureCheck {
  readonly rawBody: Buffer;
  /** The `Stripe-Signature` header as it arrived. */
  readonly header: unknown;
  readonly secrets: readonly LabelledSecret[];
  readonly toleranceSeconds: number;
  readonly nowSeconds: number;
}

/**
 * Checks a `Stripe-Signature` header (`t=<seconds>,v1=<hex>[,v1=<hex>…]`) and gives the label of the
 * secret that made it. Every secret and every `v1` signature is tried; other schemes are ignored.
 *
 * As Stripe's SDK does, the key is the whole secret with its `whsec_`, nothing is trimmed and the hex
 * digits are lower case. Unlike it, the bytes are never decoded, so a byte order mark or invalid UTF-8
 * verifies; a timestamp from the future is refused; and so are two timestamps, which is how two
 * `Stripe-Signature` lines arrive.
 *
 * @throws SignatureError
 */
export function verifyStripeSignature(check: StripeSignatureCheck): string {
  const { timestamp, candidates } = parseStripeSignature(check.header);
  checkTimestamp(Number(timestamp), check.nowSeconds, check.toleranceSeconds);

  const prefix = `${timestamp}.`;
  for (const secret of check.secrets) {
    const expected = hmacSha256(secret.value, prefix, check.rawBody, 'hex');
    if (candidates.some((candidate) => equalSignatures(expected, candidate))) {
      return secret.label;
    }
  }
  throw createSignatureError(
    'signature_mismatch',
    'The signature fits none of the secrets of this endpoint.',
  );
}

/** The `Stripe-Signature` header of a body sent at `timestampSeconds`. */
export function createStripeSignature(
  rawBody: Buffer,
  secret: string,
  timestampSeconds: number,
): string {
  const signature = hmacSha256(secret, `${timestampSeconds}.`, rawBody, 'hex');
  return `t=${timestampSeconds},v1=${signature}`;
}

const TIMESTAMP = /^(?:0|[1-9][0-9]{0,14})$/;
/** What Stripe's SDK can compare: on other values it fails, even beside a right signature. */
const READABLE = /^[!-<>-~][ -~]*$/;
const SIGNATURE_LENGTH = 64;

function parseStripeSignature(header: unknown): { timestamp: string; candidates: string[] } {
  if (header === undefined || header === '') {
    throw createSignatureError('signature_missing', 'The Stripe-Signature header is missing.');
  }
  if (typeof header !== 'string') {
    throw malformed('is not one line');
  }

  let timestamp: string | undefined;
  const candidates: string[] = [];
  for (let start = 0; start <= header.length;) {
    const comma = header.indexOf(',', start);
    const end = comma === -1 ? header.length : comma;
    const item = header.slice(start, end);
    start = end + 1;

    const [name, value] = splitItem(item);
    if (name === 'v1') {
      if (!READABLE.test(value)) throw malformed('has a v1 signature that is empty or not ASCII');
      if (value.length === SIGNATURE_LENGTH) candidates.push(value);
    } else if (name.trimStart() === 't') {
      if (timestamp !== undefined) throw malformed('has more than one timestamp');
      timestamp = name === 't' ? value : '';
    }
  }

  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) {
    throw malformed('has no timestamp (t=) in seconds');
  }
  if (candidates.length === 0) {
    throw malformed('has no v1 signature of 64 hex digits');
  }
  return { timestamp, candidates };
}

function splitItem(item: string): [name: string, value: string] {
  const equals = item.indexOf('=');
  return equals === -1 ? [item, ''] : [item.slice(0, equals), item.slice(equals + 1)];
}

function malformed(what: string): SignatureError {
  return createSignatureError('signature_malformed', `The Stripe-Signature header ${what}.`);
}
