import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { SignatureError } from '../../src/errors/signature.error.js';
import { decodeVerificationKey } from '../../src/signatures/standard-webhooks-key.js';
import { verifyStandardWebhooksSignature } from '../../src/signatures/standard-webhooks-signature.js';
import type { LabelledKey } from '../../src/signatures/standard-webhooks-signature.js';
import {
  FUZZ_PUBLIC_KEY,
  FUZZ_SECRET,
  mutatedStandardWebhook,
} from '../support/mutated-standard-webhook.js';
import type { MutatedStandardWebhook } from '../support/mutated-standard-webhook.js';
import { seededRandom } from '../support/seeded-random.js';

const SEED = Number(process.env.FUZZ_SEED ?? 20260101);
const REQUESTS = 120_000;

type Headers = Record<string, string>;
type Accepts = (request: MutatedStandardWebhook) => boolean;
type Verdict = 'accepted' | 'refused' | { readonly crashed: unknown };

const KEYS = [keyOf(FUZZ_SECRET), keyOf(FUZZ_PUBLIC_KEY)];
const svix = new SvixWebhook(FUZZ_SECRET);
const standardWebhooks = new StandardWebhook(FUZZ_SECRET);

const LIBRARIES: readonly {
  readonly library: string;
  readonly accepts: Accepts;
  /** The headers that the library looks at. */
  readonly readable: (headers: Headers) => Headers;
}[] = [
  {
    library: 'svix',
    accepts: ({ body, headers }) => returns(() => svix.verify(body, { ...headers })),
    readable: (headers) => headers,
  },
  {
    library: 'standardwebhooks',
    // Without parsing: a body that is not JSON is no matter of the signature.
    accepts: ({ body, headers }) =>
      returns(() => standardWebhooks.verify(body, { ...headers }, { jsonParse: false })),
    // It does not know svix-*, which we take and which win, as they do in svix.
    readable: (headers) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('webhook-'))),
  },
];

/** What we refuse and the libraries do not, on purpose: the whole list. */
const STRICTER: readonly (readonly [string, Accepts])[] = [
  [
    'a timestamp that is not a plain number',
    ({ headers }) => !/^(0|[1-9][0-9]{0,14})$/.test(valueOf(headers, 'timestamp')),
  ],
  ['bytes that only decode to what was signed', ({ body }) => !isPlainText(body)],
];

/** What we accept and the libraries do not, on purpose: the whole list. */
const WIDER: readonly (readonly [string, Accepts])[] = [
  ['bytes that the libraries decode', ({ body }) => !isPlainText(body)],
  [
    'a v1a signature',
    ({ body, headers, signed }) =>
      signed.some(({ message, isAsymmetric }) => {
        return isAsymmetric && message.equals(messageOf(headers, body));
      }),
  ],
];

describe.each(LIBRARIES)('The verification, beside $library', ({ accepts, readable }) => {
  const { stackTraceLimit } = Error;
  // The libraries read the stack of each error they throw, which takes longer than all the rest.
  beforeEach(() => {
    Error.stackTraceLimit = 0;
  });
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit;
    jest.restoreAllMocks();
  });

  it('has the same verdict on generated requests, except where it differs on purpose', () => {
    const clock = jest.spyOn(Date, 'now');
    const random = seededRandom(SEED);
    const seen = new Map<string, number>();
    const objections: unknown[] = [];

    for (let index = 0; index < REQUESTS && objections.length < 5; index++) {
      const given = mutatedStandardWebhook(random);
      clock.mockReturnValue(given.nowSeconds * 1000);
      const request = { ...given, headers: readable(inLowerCase(given.headers)) };
      const objection = objectionTo(request, accepts(given), seen);
      if (objection) objections.push({ FUZZ_SEED: SEED, index, objection, ...request });
    }

    expect(objections).toEqual([]);
    // Every kind of verdict was met, so none of them is only believed.
    expect([...seen.keys()].sort()).toEqual(
      ['both accept', 'both refuse', ...[...STRICTER, ...WIDER].map(([reason]) => reason)].sort(),
    );
    expect(seen.get('both accept')).toBeGreaterThan(REQUESTS / 20);
  }, 60_000);
});

/** Why the two verdicts are not as they should be, or undefined; counts what it sees. */
function objectionTo(
  request: MutatedStandardWebhook,
  isAcceptedByLibrary: boolean,
  seen: Map<string, number>,
): string | undefined {
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
  const ours = ourVerdict(request);

  if (typeof ours === 'object') return `we crashed: ${String(ours.crashed)}`;
  if (ours === 'accepted' && !isWhatWasSigned(request)) return 'we accepted what nobody signed';
  if ((ours === 'accepted') === isAcceptedByLibrary) {
    count(isAcceptedByLibrary ? 'both accept' : 'both refuse');
    return undefined;
  }
  const reasons = (ours === 'accepted' ? WIDER : STRICTER)
    .filter(([, applies]) => applies(request))
    .map(([reason]) => reason);
  reasons.forEach(count);
  if (reasons.length > 0) return undefined;
  return ours === 'accepted' ? 'only we accepted it' : 'only the library accepted it';
}

function ourVerdict({ headers, body, nowSeconds }: MutatedStandardWebhook): Verdict {
  const check = { rawBody: body, headers, keys: KEYS, toleranceSeconds: 300, nowSeconds };
  try {
    verifyStandardWebhooksSignature(check);
    return 'accepted';
  } catch (error) {
    return error instanceof SignatureError && error.statusCode === 400
      ? 'refused'
      : { crashed: error };
  }
}

function returns(verify: () => unknown): boolean {
  try {
    verify();
    return true;
  } catch {
    // Not always an error of the library's own.
    return false;
  }
}

function isWhatWasSigned({ headers, body, signed }: MutatedStandardWebhook): boolean {
  return signed.some(({ message }) => message.equals(messageOf(headers, body)));
}

function messageOf(headers: Headers, body: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${valueOf(headers, 'id')}.${valueOf(headers, 'timestamp')}.`),
    body,
  ]);
}

function valueOf(headers: Headers, field: string): string {
  return headers[`svix-${field}`] ?? headers[`webhook-${field}`] ?? '';
}

/** Whether a decoder and an encoder give the same bytes again: no invalid UTF-8. */
function isPlainText(body: Buffer): boolean {
  return Buffer.from(body.toString()).equals(body);
}

/** As Node gives them. */
function inLowerCase(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function keyOf(secret: string): LabelledKey {
  const decoded = decodeVerificationKey(secret);
  if (decoded.status === 'refused') throw new Error(decoded.reason);
  return { label: 'default', key: decoded.key };
}
