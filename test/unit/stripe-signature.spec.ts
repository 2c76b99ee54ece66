import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignatureError } from '../../src/errors/signature.error.js';
import type { SignatureErrorCode } from '../../src/errors/signature.error.js';
import {
  createStripeSignature,
  verifyStripeSignature,
} from '../../src/signatures/stripe-signature.js';
import type { StripeSignatureCheck } from '../../src/signatures/stripe-signature.js';

// Computed with stripe 23.1.0 and, independently, with node:crypto.
const VECTOR = {
  secret: 'whsec_test_secret',
  timestamp: 1700000000,
  body: '{"id":"evt_test","object":"event"}',
  header: 't=1700000000,v1=8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724',
};
const SIGNATURE = VECTOR.header.slice('t=1700000000,v1='.length);

function check(overrides: Partial<StripeSignatureCheck> = {}): StripeSignatureCheck {
  return {
    rawBody: Buffer.from(VECTOR.body),
    header: VECTOR.header,
    secrets: [{ label: 'default', value: VECTOR.secret }],
    toleranceSeconds: 300,
    nowSeconds: VECTOR.timestamp,
    ...overrides,
  };
}

function verify(overrides: Partial<StripeSignatureCheck> = {}): string {
  return verifyStripeSignature(check(overrides));
}

function refusalWith(code: SignatureErrorCode): Error {
  return expect.objectContaining({ name: SignatureError.name, code }) as unknown as Error;
}

describe('A Stripe signature', () => {
  it('is the one that the SDK makes', () => {
    const header = createStripeSignature(Buffer.from(VECTOR.body), VECTOR.secret, VECTOR.timestamp);

    expect(header).toBe(VECTOR.header);
  });

  it('is accepted, and the label of its secret is given', () => {
    expect(verify()).toBe('default');
  });

  it('is accepted by any of several secrets, which says its label', () => {
    const secrets = [
      { label: 'current', value: 'whsec_new' },
      { label: 'previous', value: VECTOR.secret },
    ];

    expect(verify({ secrets })).toBe('previous');
  });

  it('is refused when no secret of the endpoint made it', () => {
    const secrets = [
      { label: 'a', value: 'whsec_other' },
      { label: 'b', value: 'test_secret' },
    ];

    expect(() => verify({ secrets })).toThrow(refusalWith('signature_mismatch'));
  });

  it('is accepted beside other v1 signatures, in any place', () => {
    const wrong = `v1=${'0'.repeat(64)}`;
    const headers = [
      `t=1700000000,${wrong},v1=${SIGNATURE}`,
      `t=1700000000,v1=${SIGNATURE},${wrong}`,
      `v1=${SIGNATURE},t=1700000000`,
      `t=1700000000,v0=6ffbb59b,v1=${SIGNATURE},scheme=x,,`,
      `t=1700000000,v1=short,v1=${SIGNATURE}`,
    ];

    expect(headers.map((header) => verify({ header }))).toEqual(headers.map(() => 'default'));
  });

  it.each([
    ['exactly the tolerance ago', 1700000300],
    ['exactly the tolerance ahead', 1699999700],
  ])('is accepted when it was made %s', (_when, nowSeconds) => {
    expect(verify({ nowSeconds })).toBe('default');
  });

  it.each<[string, number, SignatureErrorCode]>([
    ['a second more than the tolerance ago', 1700000301, 'timestamp_too_old'],
    ['a second more than the tolerance ahead', 1699999699, 'timestamp_in_future'],
  ])('is refused when it was made %s', (_when, nowSeconds, code) => {
    expect(() => verify({ nowSeconds })).toThrow(refusalWith(code));
  });

  it('is refused when any one bit of the body was changed', () => {
    for (let bit = 0; bit < VECTOR.body.length * 8; bit++) {
      const rawBody = Buffer.from(VECTOR.body);
      rawBody[bit >> 3]! ^= 1 << (bit & 7);

      expect(() => verify({ rawBody })).toThrow(refusalWith('signature_mismatch'));
    }
  });

  it('is refused when the body lost or gained a byte', () => {
    for (const body of [VECTOR.body.slice(0, -1), VECTOR.body.slice(1), `${VECTOR.body}\n`]) {
      const rawBody = Buffer.from(body);

      expect(() => verify({ rawBody })).toThrow(refusalWith('signature_mismatch'));
    }
  });

  it('is refused when any one digit of it was changed', () => {
    for (let index = 0; index < SIGNATURE.length; index++) {
      const other = SIGNATURE[index] === '0' ? '1' : '0';
      const signature = SIGNATURE.slice(0, index) + other + SIGNATURE.slice(index + 1);
      const header = `t=1700000000,v1=${signature}`;

      expect(() => verify({ header })).toThrow(refusalWith('signature_mismatch'));
    }
  });

  it('is refused in upper case', () => {
    expect(() => verify({ header: `t=1700000000,v1=${SIGNATURE.toUpperCase()}` })).toThrow(
      refusalWith('signature_mismatch'),
    );
  });

  it('is refused with a timestamp that was not signed', () => {
    expect(() => verify({ header: `t=1700000001,v1=${SIGNATURE}` })).toThrow(
      refusalWith('signature_mismatch'),
    );
  });

  it.each([
    ['a number that JSON would write otherwise', Buffer.from('{"amount": 5.0}')],
    ['line breaks and indentation', Buffer.from('{\r\n\t"id": "evt_1"\r\n}\n')],
    ['characters of several bytes', Buffer.from('{"name":"Zoë 🧾 \\u00eb"}')],
    ['a byte order mark', Buffer.from('\ufeff{"id":"evt_1"}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x7d])],
    ['zero bytes', Buffer.alloc(8)],
    ['nothing', Buffer.alloc(0)],
  ])('is checked on the bytes as they are: %s', (_what, rawBody) => {
    const signature = createHmac('sha256', VECTOR.secret)
      .update(Buffer.concat([Buffer.from('1700000000.'), rawBody]))
      .digest('hex');

    const label = verify({ rawBody, header: `t=1700000000,v1=${signature}` });

    expect(label).toBe('default');
  });

  it('never shows a secret or a signature in an error', () => {
    expect(() => verify({ rawBody: Buffer.from('{}') })).toThrow(
      expect.objectContaining({
        message: expect.not.stringMatching(/whsec_|8042376f/),
      }),
    );
  });
});
