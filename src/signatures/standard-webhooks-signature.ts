import { sign, verify } from 'node:crypto';
import { createSignatureError } from '../errors/create-signature-error.js';
import type { SignatureError } from '../errors/signature.error.js';
import { checkTimestamp } from './check-timestamp.js';
import { equalSignatures, hmacSha256 } from './hmac-sha256.js';
import type { StandardWebhooksKey } from './standard-webhooks-key.js';

/** A decoded key and the name it has in logs and in `context.secretLabel`. */
export interface LabelledKey {
  readonly label: string;
  readonly key: StandardWebhooksKey;
}

export interface StandardWebhooksCheck {
  readonly rawBody: Buffer;
  /** The request's headers, by their names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly keys: readonly LabelledKey[];
  readonly toleranceSeconds: number;
  readonly nowSeconds: number;
}

/** What is signed. */
export interface StandardWebhooksMessage {
  readonly id: string;
  readonly timestampSeconds: number | string;
  readonly rawBody: Buffer;
}

/**
 * Checks the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, or `svix-…`, and gives the
 * label of the key that made a signature. Every key and every signature is tried: `v1` (HMAC-SHA256) with
 * secrets, `v1a` (ed25519) with public keys. Other versions are ignored.
 *
 * As the svix library does, each `svix-` header wins over its `webhook-` one. Unlike it, the bytes are never
 * decoded, `v1a` is known, and a timestamp has to be a plain number.
 *
 * @throws SignatureError
 */
export function verifyStandardWebhooksSignature(check: StandardWebhooksCheck): string {
  const id = readHeader(check.headers, 'id');
  const timestamp = readHeader(check.headers, 'timestamp');
  const signatures = readHeader(check.headers, 'signature');
  if (!TIMESTAMP.test(timestamp)) throw malformed('timestamp', 'is not a number of seconds');
  const candidates = parseSignatures(signatures);
  checkTimestamp(Number(timestamp), check.nowSeconds, check.toleranceSeconds);

  const message = { id, timestampSeconds: timestamp, rawBody: check.rawBody };
  const match = check.keys.find(({ key }) => isSignedWith(key, message, candidates));
  if (match) return match.label;
  throw createSignatureError(
    'signature_mismatch',
    'The signature fits none of the secrets of this endpoint.',
  );
}

/** One signature of a message, such as `v1,<base64>`. An ed25519 key has to be a private one. */
export function createStandardWebhooksSignature(
  message: StandardWebhooksMessage,
  { type, key }: StandardWebhooksKey,
): string {
  if (type === 'hmac') return `v1,${hmacSha256(key, prefixOf(message), message.rawBody, 'base64')}`;
  return `v1a,${sign(null, signedBytes(message), key).toString('base64')}`;
}

/** The event's id as the request's headers give it, or undefined. */
export function standardWebhooksId(headers: StandardWebhooksCheck['headers']): string | undefined {
  const value = findHeader(headers, 'id');
  return typeof value === 'string' ? value : undefined;
}

const TIMESTAMP = /^(?:0|[1-9][0-9]{0,14})$/;
const HMAC_SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;
const ED25519_SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;
/** Those behind are passed over. Each is checked on the whole body, and a forger could send hundreds. */
const MAX_ED25519_SIGNATURES = 8;

interface Candidates {
  readonly hmac: readonly string[];
  readonly ed25519: readonly Buffer[];
}

function parseSignatures(header: string): Candidates {
  const hmac: string[] = [];
  const ed25519: Buffer[] = [];
  for (const entry of header.split(' ')) {
    const [version, signature = ''] = entry.split(',', 2);
    if (version === 'v1' && HMAC_SIGNATURE.test(signature)) hmac.push(signature);
    if (version === 'v1a' && ED25519_SIGNATURE.test(signature)) {
      ed25519.push(Buffer.from(signature, 'base64'));
    }
  }
  if (hmac.length === 0 && ed25519.length === 0) {
    throw malformed('signature', 'has no whole v1 or v1a signature');
  }
  return { hmac, ed25519: ed25519.slice(0, MAX_ED25519_SIGNATURES) };
}

/** A key checks its own version only: the bytes of a public key never serve as an HMAC secret. */
function isSignedWith(
  { type, key }: StandardWebhooksKey,
  message: StandardWebhooksMessage,
  candidates: Candidates,
): boolean {
  if (type === 'ed25519') {
    if (candidates.ed25519.length === 0) return false;
    const bytes = signedBytes(message);
    return candidates.ed25519.some((candidate) => verify(null, bytes, key, candidate));
  }
  if (candidates.hmac.length === 0) return false;
  const expected = hmacSha256(key, prefixOf(message), message.rawBody, 'base64');
  return candidates.hmac.some((candidate) => equalSignatures(expected, candidate));
}

function prefixOf({ id, timestampSeconds }: StandardWebhooksMessage): string {
  return `${id}.${timestampSeconds}.`;
}

/** Ed25519 takes a message in one piece. */
function signedBytes(message: StandardWebhooksMessage): Buffer {
  return Buffer.concat([Buffer.from(prefixOf(message)), message.rawBody]);
}

function findHeader(headers: StandardWebhooksCheck['headers'], name: string): unknown {
  return headers[`svix-${name}`] ?? headers[`webhook-${name}`];
}

function readHeader(headers: StandardWebhooksCheck['headers'], name: string): string {
  const value = findHeader(headers, name);
  if (value === undefined || value === null || value === '') {
    throw createSignatureError(
      'signature_missing',
      `There is no webhook-${name} or svix-${name} header, or it is empty.`,
    );
  }
  if (typeof value !== 'string') throw malformed(name, 'is not one line');
  return value;
}

function malformed(name: string, what: string): SignatureError {
  return createSignatureError('signature_malformed', `The ${name} header ${what}.`);
}
