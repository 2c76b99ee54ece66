import { describe, expect, it } from '@jest/globals';
import { SignatureError } from '../../src/errors/signature.error.js';
import type { SignatureErrorCode } from '../../src/errors/signature.error.js';
import { decodeVerificationKey } from '../../src/signatures/standard-webhooks-key.js';
import { createStandardWebhooksHeaders } from '../../src/signatures/standard-webhooks-headers.js';
import { verifyStandardWebhooksSignature } from '../../src/signatures/standard-webhooks-signature.js';

const NOW = 1700000000;
const BODY = Buffer.from('{"type":"user.created","data":{}}');
const decoded = decodeVerificationKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
if (decoded.status === 'refused') throw new Error(decoded.reason);
const { key } = decoded;

function signed(timestampSeconds: number | string, svix = false): Record<string, unknown> {
  const message = { id: 'msg_1', timestampSeconds, rawBody: BODY };
  return createStandardWebhooksHeaders(message, key, svix);
}

function verify(headers: Record<string, unknown>): string {
  return verifyStandardWebhooksSignature({
    rawBody: BODY,
    headers,
    keys: [{ label: 'default', key }],
    toleranceSeconds: 300,
    nowSeconds: NOW,
  });
}

const WEBHOOK = signed(NOW);
const SVIX = signed(NOW, true);
const SIGNATURE = WEBHOOK['webhook-signature'] as string;

describe('Malformed Standard Webhooks headers', () => {
  it.each<[what: string, headers: Record<string, unknown>, code: SignatureErrorCode]>([
    ['none', {}, 'signature_missing'],
    ['no id', { ...WEBHOOK, 'webhook-id': undefined }, 'signature_missing'],
    ['an empty id', { ...WEBHOOK, 'webhook-id': '' }, 'signature_missing'],
    ['no timestamp', { ...WEBHOOK, 'webhook-timestamp': undefined }, 'signature_missing'],
    ['an empty timestamp', { ...WEBHOOK, 'webhook-timestamp': '' }, 'signature_missing'],
    ['no signature', { ...WEBHOOK, 'webhook-signature': undefined }, 'signature_missing'],
    ['an empty signature', { ...WEBHOOK, 'webhook-signature': '' }, 'signature_missing'],
    [
      'an empty svix-id before all of webhook-*',
      { ...WEBHOOK, 'svix-id': '' },
      'signature_missing',
    ],
    ['an id in a list', { ...WEBHOOK, 'webhook-id': ['msg_1'] }, 'signature_malformed'],
    ['a time in a list', { ...WEBHOOK, 'webhook-timestamp': [`${NOW}`] }, 'signature_malformed'],
    ['a signature in a list', { ...WEBHOOK, 'webhook-signature': [] }, 'signature_malformed'],
    ['names in upper case', { 'WEBHOOK-ID': 'msg_1' }, 'signature_missing'],
    ['two ids', { ...WEBHOOK, 'webhook-id': 'msg_1, msg_1' }, 'signature_mismatch'],
    ['two times', { ...WEBHOOK, 'webhook-timestamp': `${NOW}, ${NOW}` }, 'signature_malformed'],
    ...[
      'garbage',
      ' ',
      'v1',
      'v1,',
      'v1a,',
      `v2,${SIGNATURE.slice(3)}`,
      `V1,${SIGNATURE.slice(3)}`,
      SIGNATURE.slice(3),
      SIGNATURE.replace(',', '='),
      SIGNATURE.replace(',', ', '),
      SIGNATURE.slice(0, -1),
      `${SIGNATURE}=`,
      `v1,${'é'.repeat(44)}`,
      `v1,${'_'.repeat(43)}=`,
      ' '.repeat(1_000_000),
      'v1,'.repeat(100_000),
    ].map((signature): [string, Record<string, unknown>, SignatureErrorCode] => [
      `the signature ${JSON.stringify(signature.slice(0, 60))} of ${signature.length}`,
      { ...WEBHOOK, 'webhook-signature': signature },
      'signature_malformed',
    ]),
    ['a wrong svix-* family', { ...WEBHOOK, ...SVIX, 'svix-id': 'msg_2' }, 'signature_mismatch'],
    ['an svix-id beside webhook-*', { ...WEBHOOK, 'svix-id': 'msg_2' }, 'signature_mismatch'],
  ])('are refused: %s', (_what, headers, code) => {
    expect(() => verify(headers)).toThrow(
      expect.objectContaining({ name: SignatureError.name, code, statusCode: 400 }),
    );
  });

  it.each([
    ...[' 1700000000', '1700000000 ', '+1700000000', '-1', '1e3', '1.7e9', '0x6553f100'],
    ...['1700000000.0', '1700000000abc', '1_700_000_000', 'NaN', 'Infinity', 'now'],
    ...['01700000000', '١٧٠٠٠٠٠٠٠٠', '17000000000000000000', '2023-11-14T22:13:20Z'],
  ])('are refused with the timestamp %j, even signed for just that', (timestamp) => {
    expect(() => verify(signed(timestamp))).toThrow(
      expect.objectContaining({ name: SignatureError.name, code: 'signature_malformed' }),
    );
  });

  it('are not there where a whole svix-* family is right and webhook-* is not', () => {
    expect(verify({ ...SVIX, ...signed('garbage'), 'webhook-id': 'msg_2' })).toBe('default');
  });

  it('do not keep a right signature from being found behind a million spaces', () => {
    expect(verify({ ...WEBHOOK, 'webhook-signature': `${' '.repeat(1e6)}${SIGNATURE}` })).toBe(
      'default',
    );
  });

  it.each([`v1,${'A'.repeat(43)}=, ${SIGNATURE}`, `${SIGNATURE}, v1,${'A'.repeat(43)}=`])(
    'are read as two signature lines arrive that Node has joined: %s',
    (joined) => {
      expect(verify({ ...WEBHOOK, 'webhook-signature': joined })).toBe('default');
    },
  );

  it('do not keep an HMAC from being found beside any number of v1a signatures', () => {
    const others = `v1a,${'A'.repeat(86)}== `.repeat(100);

    expect(verify({ ...WEBHOOK, 'webhook-signature': `${others}${SIGNATURE}` })).toBe('default');
  });
});
