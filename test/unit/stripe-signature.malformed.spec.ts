import { describe, expect, it } from '@jest/globals';
import type { SignatureErrorCode } from '../../src/errors/signature.error.js';
import { SignatureError } from '../../src/errors/signature.error.js';
import {
  createStripeSignature,
  verifyStripeSignature,
} from '../../src/signatures/stripe-signature.js';

const NOW = 1700000000;
const SECRET = 'whsec_test_secret';
const BODY = Buffer.from('{"id":"evt_test","object":"event"}');
const VALID = createStripeSignature(BODY, SECRET, NOW);
const V1 = VALID.slice(VALID.indexOf('v1='));

function verify(header: unknown): string {
  return verifyStripeSignature({
    rawBody: BODY,
    header,
    secrets: [{ label: 'default', value: SECRET }],
    toleranceSeconds: 300,
    nowSeconds: NOW,
  });
}

/** A header whose signature is right for exactly this `t`. */
function signedFor(timestamp: string): string {
  const signed = createStripeSignature(BODY, SECRET, timestamp as unknown as number);
  return signed.replace(/^t=.*?,/, `t=${timestamp},`);
}

describe('A malformed Stripe-Signature header', () => {
  it.each<[what: string, header: unknown, code: SignatureErrorCode]>([
    ['missing', undefined, 'signature_missing'],
    ['empty', '', 'signature_missing'],
    ['null', null, 'signature_malformed'],
    ['garbage', 'garbage', 'signature_malformed'],
    ['a space', ' ', 'signature_malformed'],
    ['JSON', '{"t":1700000000}', 'signature_malformed'],
    ['an array', [VALID], 'signature_malformed'],
    ['an array of two', [VALID, VALID], 'signature_malformed'],
    ['bytes', Buffer.from(VALID), 'signature_malformed'],
    ['only a timestamp', `t=${NOW}`, 'signature_malformed'],
    ['only a v1', V1, 'signature_malformed'],
    ['only a v0', `t=${NOW},${V1.replace('v1', 'v0')}`, 'signature_malformed'],
    ['with an empty v1', `t=${NOW},v1=`, 'signature_malformed'],
    ['with a bare v1', `t=${NOW},v1`, 'signature_malformed'],
    ['with an empty v1 beside the right one', `${VALID},v1=`, 'signature_malformed'],
    ['with a bare v1 beside the right one', `t=${NOW},v1,${V1}`, 'signature_malformed'],
    ['with 64 non-ASCII characters', `t=${NOW},v1=${'é'.repeat(64)}`, 'signature_malformed'],
    ['with those beside the right v1', `${VALID},v1=${'é'.repeat(64)}`, 'signature_malformed'],
    ['with 32 characters of two units', `t=${NOW},v1=${'🧾'.repeat(32)}`, 'signature_malformed'],
    ['with a v1 cut by one', VALID.slice(0, -1), 'signature_malformed'],
    ['with a v1 longer by one', `${VALID}0`, 'signature_malformed'],
    ['with a v1 and something behind it', `${VALID}=x`, 'signature_malformed'],
    ['with a space before v1', `t=${NOW}, ${V1}`, 'signature_malformed'],
    ['with a space before t', ` ${VALID}`, 'signature_malformed'],
    ['with semicolons', VALID.replace(',', ';'), 'signature_malformed'],
    ['with upper-case names', VALID.replace('t=', 'T='), 'signature_malformed'],
    ['two lines, joined', `${VALID}, ${VALID}`, 'signature_malformed'],
    ['with two timestamps', `t=${NOW},${VALID}`, 'signature_malformed'],
    ['with two timestamps, one of them bare', `${VALID},t`, 'signature_malformed'],
    ['a million commas', ','.repeat(1_000_000), 'signature_malformed'],
    ['a million commas and equals signs', ',='.repeat(500_000), 'signature_malformed'],
    ['a million spaces', ' '.repeat(1_000_000), 'signature_malformed'],
    ['a hundred thousand v1', `t=${NOW}${',v1=0'.repeat(100_000)}`, 'signature_malformed'],
  ])('is refused: %s', (_what, header, code) => {
    expect(() => verify(header)).toThrow(
      expect.objectContaining({ name: SignatureError.name, code, statusCode: 400 }),
    );
  });

  it.each([
    '',
    ' ',
    ' 1700000000',
    '1700000000 ',
    '+1700000000',
    '-1',
    '-1700000000',
    '1e3',
    '1.7e9',
    '0x5',
    '0x6553f100',
    '1700000000.0',
    '1700000000abc',
    '1_700_000_000',
    'NaN',
    'Infinity',
    'now',
    '01700000000',
    '١٧٠٠٠٠٠٠٠٠',
    '17000000000000000000',
    '99999999999999999999',
    '1700000000=',
  ])('is refused with t=%j, even signed for just that', (timestamp) => {
    const header = signedFor(timestamp);

    expect(() => verify(header)).toThrow(
      expect.objectContaining({ name: SignatureError.name, code: 'signature_malformed' }),
    );
  });

  it('does not keep a right signature from being found behind a million commas', () => {
    expect(verify(`${','.repeat(1_000_000)}${VALID}`)).toBe('default');
  });
});
