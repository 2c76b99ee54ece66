import { createHmac } from 'node:crypto';
import { BODIES, mutateBody } from './mutate-body.js';
import type { SeededRandom } from './seeded-random.js';

/** A request made from a signed one by a few changes, and what was signed. */
export interface MutatedStripeRequest {
  readonly header: string;
  readonly body: Buffer;
  readonly nowSeconds: number;
  readonly signed: { readonly timestamp: string; readonly body: Buffer };
}

export const FUZZ_SECRET = 'whsec_of_the_fuzzer';
const BASE_SECONDS = 1_700_000_000;

const CHARACTERS = [
  ...'0123456789abcdefABCDEFtv=,;. +-_xeNn'.split(''),
  '\t',
  '\0',
  'é',
  '🧾',
  '\u00a0',
  '١',
];
const AGES = [0, 0, 0, 0, 1, 299, 300, 301, 10_000, -1, -299, -300, -301, -100_000];
const NO_SIGNATURE = '0'.repeat(64);
const ITEMS = [
  't',
  't=',
  't=0',
  't=-1',
  't=1e3',
  't=NaN',
  ' t=1',
  `t=${BASE_SECONDS}`,
  `t=0${BASE_SECONDS}`,
  'v1',
  'v1=',
  'v1==',
  'v1=short',
  `v1=${NO_SIGNATURE}`,
  `v1=${'é'.repeat(64)}`,
  'v1=é',
  `v0=${NO_SIGNATURE}`,
  'v0=',
  '',
  ' ',
  'constructor=1',
  '__proto__=1',
];
const TIMESTAMPS: readonly ((seconds: number) => string)[] = [
  (seconds) => ` ${seconds}`,
  (seconds) => `${seconds} `,
  (seconds) => `0${seconds}`,
  (seconds) => `+${seconds}`,
  (seconds) => `${seconds}.5`,
  (seconds) => `${seconds}e0`,
  (seconds) => `0x${seconds.toString(16)}`,
  (seconds) => `${seconds}0000000000`,
  () => '-1',
  () => 'NaN',
  () => '',
];

export function mutatedStripeRequest(random: SeededRandom): MutatedStripeRequest {
  const bodies = random.pick(BODIES);
  const original = random.chance(0.2) ? mutateBody(bodies, random) : bodies;
  // What is signed is mostly what a sender signs, and at times a timestamp that no sender writes.
  const timestamp = random.chance(0.05) ? random.pick(TIMESTAMPS)(BASE_SECONDS) : `${BASE_SECONDS}`;
  let header = `t=${timestamp},v1=${sign(timestamp, original)}`;
  for (let left = random.below(4); left > 0; left--) header = mutateHeader(header, random);

  return {
    header,
    body: random.chance(0.25) ? mutateBody(original, random) : original,
    nowSeconds: BASE_SECONDS + random.pick(AGES),
    signed: { timestamp, body: original },
  };
}

function sign(timestamp: string, body: Buffer): string {
  return createHmac('sha256', FUZZ_SECRET).update(`${timestamp}.`).update(body).digest('hex');
}

function mutateHeader(header: string, random: SeededRandom): string {
  const at = random.below(header.length + 1);
  const items = header.split(',');
  const item = random.below(items.length);
  switch (random.below(11)) {
    case 0:
      return header.slice(0, at) + random.pick(CHARACTERS) + header.slice(at + 1);
    case 1:
      return header.slice(0, at) + random.pick(CHARACTERS) + header.slice(at);
    case 2:
      return header.slice(0, at) + header.slice(at + 1 + random.below(3));
    case 3:
      return items.toSpliced(item, 0, random.pick(ITEMS)).join(',');
    case 4:
      return items.toSpliced(item, 1, random.pick(ITEMS)).join(',');
    case 5:
      return items.toSpliced(item, 1).join(',');
    case 6:
      return items.toReversed().join(',');
    case 7:
      return `${header}${random.pick([',', ', ', ';', '=', '=x'])}${random.pick([header, items[item]!])}`;
    case 8:
      return header.replace(/t=[^,]*/, `t=${random.pick(TIMESTAMPS)(BASE_SECONDS)}`);
    case 9:
      return items.with(item, random.pick(CHARACTERS) + items[item]!).join(',');
    default:
      return random.chance(0.5) ? header.toUpperCase() : header.slice(0, at);
  }
}
