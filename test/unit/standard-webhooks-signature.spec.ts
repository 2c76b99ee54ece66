import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignatureError } from '../../src/errors/signature.error.js';
import type { SignatureErrorCode } from '../../src/errors/signature.error.js';
import {
  decodeSigningKey,
  decodeVerificationKey,
} from '../../src/signatures/standard-webhooks-key.js';
import type { DecodedStandardWebhooksKey } from '../../src/signatures/standard-webhooks-key.js';
import {
  createStandardWebhooksSignature,
  verifyStandardWebhooksSignature,
} from '../../src/signatures/standard-webhooks-signature.js';
import type { LabelledKey } from '../../src/signatures/standard-webhooks-signature.js';
import {
  ED25519_PRIVATE_KEYS,
  ED25519_VECTOR,
  REFERENCE_VECTOR,
  SPECIFICATION_VECTOR,
} from '../support/standard-webhooks-vectors.js';

type Vector = typeof REFERENCE_VECTOR;

const VECTORS: [from: string, vector: Vector][] = [
  ['the reference libraries', REFERENCE_VECTOR],
  ['the specification', SPECIFICATION_VECTOR],
  ['RFC 8032, asymmetric', ED25519_VECTOR],
];
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const OTHER_PUBLIC_KEY = 'whpk_PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=';

describe.each(VECTORS)('A Standard Webhooks signature of %s', (_from, vector) => {
  const body = Buffer.from(vector.body);

  it.each(['webhook', 'svix'])('is accepted in %s-* headers, with its label', (prefix) => {
    expect(verify(vector, { headers: headersOf(vector, prefix) })).toBe('default');
  });

  it('is accepted by any of several secrets, which says its label', () => {
    const keys = [
      keyOf(OTHER_SECRET, 'hmac'),
      keyOf(OTHER_PUBLIC_KEY, 'public'),
      keyOf(vector.secret, 'right'),
    ];

    expect(verify(vector, { keys })).toBe('right');
  });

  it('is refused when no secret of the endpoint made it', () => {
    const keys = [keyOf(OTHER_SECRET), keyOf(OTHER_PUBLIC_KEY)];

    expect(() => verify(vector, { keys })).toThrow(refusal('signature_mismatch'));
  });

  it('is accepted beside others and beside unknown versions, in any place', () => {
    const wrong = `v1,${'A'.repeat(43)}=`;
    const wrongAsymmetric = `v1a,${'A'.repeat(86)}==`;
    const signatures = [
      `${wrong} ${vector.signature}`,
      `${vector.signature} ${wrong}`,
      `${wrongAsymmetric} ${vector.signature} ${wrongAsymmetric}`,
      `v2,abc v3 v1 v1a , ${vector.signature}`,
      `  ${vector.signature}  `,
    ];

    const labels = signatures.map((signature) => verify({ ...vector, signature }));

    expect(labels).toEqual(signatures.map(() => 'default'));
  });

  it.each([
    ['the tolerance ago', 300],
    ['the tolerance ahead', -300],
  ])('is accepted when it was made %s', (_when, age) => {
    expect(verify(vector, { nowSeconds: vector.timestamp + age })).toBe('default');
  });

  it.each<[string, number, SignatureErrorCode]>([
    ['a second more than the tolerance ago', 301, 'timestamp_too_old'],
    ['a second more than the tolerance ahead', -301, 'timestamp_in_future'],
  ])('is refused when it was made %s', (_when, age, code) => {
    const nowSeconds = vector.timestamp + age;

    expect(() => verify(vector, { nowSeconds })).toThrow(refusal(code));
  });

  it('is refused when any one bit of the body was changed', () => {
    for (let bit = 0; bit < body.length * 8; bit++) {
      const rawBody = Buffer.from(body);
      rawBody[bit >> 3]! ^= 1 << (bit & 7);

      expect(() => verify(vector, { rawBody })).toThrow(refusal('signature_mismatch'));
    }
  });

  it.each<[string, Partial<Vector>]>([
    ['another id', { id: 'msg_other' }],
    ['another time', { timestamp: vector.timestamp + 1 }],
    ['the id cut', { id: vector.id.slice(0, -1) }],
  ])('is refused with %s', (_what, change) => {
    expect(() => verify({ ...vector, ...change })).toThrow(refusal('signature_mismatch'));
  });

  it('is refused when any one character of it was changed', () => {
    const start = vector.signature.indexOf(',') + 1;
    for (let index = start; vector.signature[index] !== '='; index++) {
      const other = vector.signature[index] === 'A' ? 'B' : 'A';
      const signature =
        vector.signature.slice(0, index) + other + vector.signature.slice(index + 1);

      expect(() => verify({ ...vector, signature })).toThrow(refusal('signature_mismatch'));
    }
  });

  it('is refused as the signature of the other version', () => {
    const [version, value] = vector.signature.split(',');
    const signature = `${version === 'v1' ? 'v1a' : 'v1'},${value}`;

    expect(() => verify({ ...vector, signature })).toThrow(refusal('signature_malformed'));
  });

  it('shows neither secret nor signature in an error', () => {
    expect(() => verify(vector, { rawBody: Buffer.from('{}') })).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/wh(sec|pk)_|v1a?,/) }),
    );
  });
});

describe('A Standard Webhooks signature', () => {
  it.each([
    ['the reference libraries', REFERENCE_VECTOR, REFERENCE_VECTOR.secret],
    ['the specification', SPECIFICATION_VECTOR, SPECIFICATION_VECTOR.secret],
    ['RFC 8032, by the seed', ED25519_VECTOR, ED25519_PRIVATE_KEYS[0]!],
    ['RFC 8032, by the whole private key', ED25519_VECTOR, ED25519_PRIVATE_KEYS[1]!],
  ])('is made as by %s', (_by, { id, timestamp, body, signature }, secret) => {
    const message = { id, timestampSeconds: timestamp, rawBody: Buffer.from(body) };

    expect(createStandardWebhooksSignature(message, unwrap(decodeSigningKey(secret)))).toBe(
      signature,
    );
  });

  it.each([
    ['line breaks and indentation', Buffer.from('{\r\n\t"id": 5.0\r\n}\n')],
    ['characters of several bytes', Buffer.from('{"name":"Zoë 🧾 \\u00eb"}')],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x7d])],
    ['nothing', Buffer.alloc(0)],
  ])('is checked on the bytes as they are: %s', (_what, rawBody) => {
    const { id, timestamp, secret } = REFERENCE_VECTOR;
    const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      .update(Buffer.concat([Buffer.from(`${id}.${timestamp}.`), rawBody]))
      .digest('base64');

    expect(verify({ ...REFERENCE_VECTOR, signature: `v1,${mac}` }, { rawBody })).toBe('default');
  });

  it('of a public key is tried among the first eight, and no forger makes us try more', () => {
    const behind = (count: number): string =>
      verify({
        ...ED25519_VECTOR,
        signature: `v1a,${'A'.repeat(86)}== `.repeat(count) + ED25519_VECTOR.signature,
      });

    expect(behind(7)).toBe('default');
    expect(() => behind(8)).toThrow(refusal('signature_mismatch'));
  });

  it('of a public key is never taken for an HMAC by the bytes of that key', () => {
    const { id, timestamp, body, secret } = ED25519_VECTOR;
    const mac = createHmac('sha256', Buffer.from(secret.slice('whpk_'.length), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');

    expect(() => verify({ ...ED25519_VECTOR, signature: `v1,${mac}` })).toThrow(
      refusal('signature_mismatch'),
    );
  });
});

interface Overrides {
  readonly rawBody?: Buffer;
  readonly headers?: Record<string, unknown>;
  readonly keys?: readonly LabelledKey[];
  readonly nowSeconds?: number;
}

function verify(vector: Vector, overrides: Overrides = {}): string {
  return verifyStandardWebhooksSignature({
    rawBody: Buffer.from(vector.body),
    headers: headersOf(vector, 'webhook'),
    keys: [keyOf(vector.secret)],
    toleranceSeconds: 300,
    nowSeconds: vector.timestamp,
    ...overrides,
  });
}

function headersOf({ id, timestamp, signature }: Vector, prefix: string): Record<string, string> {
  return {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(timestamp),
    [`${prefix}-signature`]: signature,
  };
}

function keyOf(secret: string, label = 'default'): LabelledKey {
  return { label, key: unwrap(decodeVerificationKey(secret)) };
}

function unwrap(decoded: DecodedStandardWebhooksKey) {
  if (decoded.status === 'refused') throw new Error(decoded.reason);
  return decoded.key;
}

function refusal(code: SignatureErrorCode): Error {
  return expect.objectContaining({ name: SignatureError.name, code }) as unknown as Error;
}
