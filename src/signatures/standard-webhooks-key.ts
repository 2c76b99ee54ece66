import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Key material, decoded. `hmac` makes and checks `v1`; `ed25519` checks `v1a`, and makes it with a private key. */
export type StandardWebhooksKey =
  | { readonly type: 'hmac'; readonly key: Buffer }
  | { readonly type: 'ed25519'; readonly key: KeyObject };

/** What became of a secret. A reason never shows the secret. */
export type DecodedStandardWebhooksKey =
  | { readonly status: 'decoded'; readonly key: StandardWebhooksKey }
  | { readonly status: 'refused'; readonly reason: string };

/** The specification asks for 24 to 64. A published test vector has 18, and Svix's server takes 75. */
const MIN_HMAC_BYTES = 16;
const MAX_HMAC_BYTES = 75;
const ED25519_BYTES = 32;
/** What stands before the raw key in DER: RFC 8410. */
const PUBLIC_KEY_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const PRIVATE_KEY_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Decodes what checks a signature: `whsec_…`, the same without its prefix, or a public key `whpk_…`. */
export function decodeVerificationKey(secret: string): DecodedStandardWebhooksKey {
  if (secret.startsWith('whsk_')) {
    return refused(
      "is a private key (whsk_), which is the sender's alone. Give the public one (whpk_)",
    );
  }
  if (!secret.startsWith('whpk_')) return decodeHmacKey(secret);

  const raw = decodeBase64(secret.slice('whpk_'.length));
  if (raw?.length !== ED25519_BYTES) {
    return refused('is no public key: behind whpk_ has to be the base64 of 32 bytes');
  }
  const der = Buffer.concat([PUBLIC_KEY_HEAD, raw]);
  return ed25519(createPublicKey({ key: der, format: 'der', type: 'spki' }));
}

/** Decodes what makes a signature: `whsec_…`, the same without its prefix, or a private key `whsk_…`. */
export function decodeSigningKey(secret: string): DecodedStandardWebhooksKey {
  if (secret.startsWith('whpk_')) {
    return refused('is a public key (whpk_), which cannot sign. Give the private one (whsk_)');
  }
  if (!secret.startsWith('whsk_')) return decodeHmacKey(secret);

  // Either the seed, or the seed and the public key behind it.
  const raw = decodeBase64(secret.slice('whsk_'.length));
  if (raw?.length !== ED25519_BYTES && raw?.length !== 2 * ED25519_BYTES) {
    return refused('is no private key: behind whsk_ has to be the base64 of 32 or 64 bytes');
  }
  const der = Buffer.concat([PRIVATE_KEY_HEAD, raw.subarray(0, ED25519_BYTES)]);
  return ed25519(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function decodeHmacKey(secret: string): DecodedStandardWebhooksKey {
  const key = decodeBase64(secret.replace(/^whsec_/, ''));
  if (!key) {
    return refused(
      'is not base64, with or without whsec_ before it. Copy it whole, and check that it is not a Stripe secret',
    );
  }
  if (key.length < MIN_HMAC_BYTES || key.length > MAX_HMAC_BYTES) {
    return refused(
      `is a key of ${key.length} bytes. Give one of ${MIN_HMAC_BYTES} to ${MAX_HMAC_BYTES}`,
    );
  }
  return { status: 'decoded', key: { type: 'hmac', key } };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Node's own decoder passes over what is not base64, so that a mistyped secret becomes another key. */
function decodeBase64(text: string): Buffer | undefined {
  return BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function ed25519(key: KeyObject): DecodedStandardWebhooksKey {
  return { status: 'decoded', key: { type: 'ed25519', key } };
}

function refused(reason: string): DecodedStandardWebhooksKey {
  return { status: 'refused', reason };
}
