import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  decodeSigningKey,
  decodeVerificationKey,
} from '../../src/signatures/standard-webhooks-key.js';

const base64 = (length: number): string => randomBytes(length).toString('base64');

describe('A secret of Standard Webhooks', () => {
  it.each([16, 18, 24, 25, 26, 32, 63, 64, 65, 75])(
    'may be a key of %d bytes, with and without whsec_',
    (size) => {
      const bytes = randomBytes(size);

      const decoded = ['whsec_', ''].map((prefix) =>
        decodeVerificationKey(`${prefix}${bytes.toString('base64')}`),
      );

      const expected = { status: 'decoded', key: { type: 'hmac', key: bytes } };
      expect(decoded).toEqual([expected, expected]);
    },
  );

  it.each([0, 1, 15, 76, 128])('may not be a key of %d bytes', (size) => {
    for (const prefix of ['whsec_', '']) {
      expect(decodeVerificationKey(`${prefix}${base64(size)}`)).toEqual({
        status: 'refused',
        reason: expect.stringContaining(`${size} bytes`),
      });
    }
  });

  it.each([
    ['a Stripe secret', 'whsec_test_secret_of_an_endpoint_x'],
    ['without its padding', `whsec_${'A'.repeat(43)}`],
    ['with more padding', `whsec_${'A'.repeat(43)}==`],
    ['URL-safe', `whsec_${'-_'.repeat(16)}`],
    ['in two prefixes', `whsec_whsec_${'A'.repeat(32)}`],
    ['with a space inside', `whsec_${'A'.repeat(15)} ${'A'.repeat(16)}`],
    ['in capitals', `WHSEC_${'A'.repeat(32)}`],
  ])('may not be something else: %s', (_what, secret) => {
    expect(decodeVerificationKey(secret)).toEqual({
      status: 'refused',
      reason: expect.stringContaining('is not base64'),
    });
  });

  it('may be a public key of 32 bytes', () => {
    expect(decodeVerificationKey(`whpk_${base64(32)}`)).toMatchObject({
      status: 'decoded',
      key: { type: 'ed25519' },
    });
  });

  it.each([0, 24, 31, 33, 44, 64])('may not be a public key of %d bytes', (size) => {
    expect(decodeVerificationKey(`whpk_${base64(size)}`)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('32 bytes'),
    });
  });

  it('may not be the private key of the sender', () => {
    expect(decodeVerificationKey(`whsk_${base64(64)}`)).toMatchObject({
      status: 'refused',
      reason: expect.stringMatching(/private key.*public one \(whpk_\)/),
    });
  });

  it('may not be a public key where something is signed', () => {
    expect(decodeSigningKey(`whpk_${base64(32)}`)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('cannot sign'),
    });
  });

  it.each([0, 31, 33, 63, 96])('may not be a private key of %d bytes', (size) => {
    expect(decodeSigningKey(`whsk_${base64(size)}`)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('32 or 64 bytes'),
    });
  });

  it.each(['whsec_', 'whpk_', 'whsk_', ''])('is never shown when it is refused: %s…', (prefix) => {
    const value = base64(80);

    for (const decoded of [
      decodeVerificationKey(prefix + value),
      decodeSigningKey(prefix + value),
    ]) {
      expect(decoded).toMatchObject({ status: 'refused' });
      expect(JSON.stringify(decoded)).not.toContain(value.slice(0, 8));
    }
  });
});
