import { describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { SignatureError } from '../../src/errors/signature.error.js';
import { verifyStripeSignature } from '../../src/signatures/stripe-signature.js';
import { FUZZ_SECRET, mutatedStripeRequest } from '../support/mutated-stripe-request.js';
import type { MutatedStripeRequest } from '../support/mutated-stripe-request.js';
import { seededRandom } from '../support/seeded-random.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20260101);
const REQUESTS = 150_000;
const TOLERANCE_SECONDS = 300;

type Verdict = 'accepted' | 'refused' | { readonly crashed: unknown };

function ourVerdict({ header, body, nowSeconds }: MutatedStripeRequest): Verdict {
  try {
    verifyStripeSignature({
      rawBody: body,
      header,
      secrets: [{ label: 'default', value: FUZZ_SECRET }],
      toleranceSeconds: TOLERANCE_SECONDS,
      nowSeconds,
    });
    return 'accepted';
  } catch (error) {
    return error instanceof SignatureError && error.statusCode === 400
      ? 'refused'
      : { crashed: error };
  }
}

function sdkAccepts({ header, body, nowSeconds }: MutatedStripeRequest): boolean {
  const verify = Stripe.webhooks.signature!.verifyHeader;
  try {
    const receivedAtMs = nowSeconds * 1000;
    return verify.call(
      Stripe.webhooks.signature,
      body,
      header,
      FUZZ_SECRET,
      TOLERANCE_SECONDS,
      undefined,
      receivedAtMs,
    );
  } catch {
    // Not always an error of the SDK's own.
    return false;
  }
}

/** The value of every item of this name, spaces before it or not. */
function valuesOf(header: string, name: string): string[] {
  return header
    .split(',')
    .filter((item) => item.split('=')[0]!.trimStart() === name)
    .map((item) => item.slice(item.indexOf(`${name}`) + name.length + 1));
}

/** What we refuse and the SDK does not, on purpose: the whole list. */
const STRICTER: readonly (readonly [string, (request: MutatedStripeRequest) => boolean])[] = [
  [
    'a timestamp too far in the future',
    ({ header, nowSeconds }) =>
      parseInt(valuesOf(header, 't').at(-1) ?? '', 10) > nowSeconds + TOLERANCE_SECONDS,
  ],
  ['two timestamps', ({ header }) => valuesOf(header, 't').length > 1],
  [
    'a timestamp that is not a plain number',
    ({ header }) => valuesOf(header, 't').some((value) => !/^(0|[1-9][0-9]{0,14})$/.test(value)),
  ],
  [
    'something behind a v1 signature',
    ({ header }) => valuesOf(header, 'v1').some((value) => value.includes('=')),
  ],
  [
    'a v1 that is not ASCII',
    ({ header }) => valuesOf(header, 'v1').some((value) => /[^ -~]/.test(value)),
  ],
  [
    'bytes that only decode to what was signed',
    ({ body, signed }) => !body.equals(signed.body) && !isPlainText(body),
  ],
];

/** Whether a decoder and an encoder give the same bytes again: no byte order mark, no invalid UTF-8. */
function isPlainText(body: Buffer): boolean {
  return Buffer.from(new TextDecoder().decode(body)).equals(body);
}

function isWhatWasSigned({ header, body, signed }: MutatedStripeRequest): boolean {
  return body.equals(signed.body) && valuesOf(header, 't').includes(signed.timestamp);
}

/** Why the two verdicts are not as they should be, or undefined; counts what it sees. */
function objectionTo(request: MutatedStripeRequest, seen: Map<string, number>): string | undefined {
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const ours = ourVerdict(request);
  const isAcceptedBySdk = sdkAccepts(request);

  if (typeof ours === 'object') return `we crashed: ${String(ours.crashed)}`;
  if (ours === 'accepted') {
    if (!isWhatWasSigned(request)) return 'we accepted what nobody signed';
    count(isAcceptedBySdk ? 'both accept' : 'bytes that the SDK decodes');
    return isAcceptedBySdk || !isPlainText(request.body) ? undefined : 'only we accepted it';
  }
  if (!isAcceptedBySdk) {
    count('both refuse');
    return undefined;
  }
  const reasons = STRICTER.filter(([, applies]) => applies(request)).map(([reason]) => reason);
  reasons.forEach(count);
  return reasons.length > 0 ? undefined : 'only the SDK accepted it';
}

describe('The verification of Stripe signatures', () => {
  it('never accepts what the SDK of Stripe refuses, and refuses more only on purpose', () => {
    const random = seededRandom(SEED);
    const seen = new Map<string, number>();
    const objections: unknown[] = [];

    for (let index = 0; index < REQUESTS && objections.length < 5; index++) {
      const request = mutatedStripeRequest(random);
      const objection = objectionTo(request, seen);
      if (objection) objections.push({ FUZZ_SEED: SEED, index, objection, ...request });
    }

    expect(objections).toEqual([]);
    // Every kind of verdict was met, so none of them is only believed.
    expect([...seen.keys()].sort()).toEqual(
      [
        'both accept',
        'both refuse',
        'bytes that the SDK decodes',
        ...STRICTER.map(([reason]) => reason),
      ].sort(),
    );
    expect(seen.get('both accept')).toBeGreaterThan(REQUESTS / 20);
  }, 60_000);
});
