import { createHmac, createPrivateKey, sign as signEd25519 } from 'node:crypto';
import { BODIES, mutateBody } from './mutate-body.js';
import type { SeededRandom } from './seeded-random.js';

/** A request made from a signed one by a few changes, and what was signed. */
export interface MutatedStandardWebhook {
  /** As Node gives them, but for the letter case of the names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly nowSeconds: number;
  /** The messages that a right signature was made of, and whether a private key made it. */
  readonly signed: readonly { readonly message: Buffer; readonly isAsymmetric: boolean }[];
}

const KEY = Buffer.from('the key of the fuzzer, 32 bytes!');
export const FUZZ_SECRET = `whsec_${KEY.toString('base64')}`;
/** The first test key of RFC 8032. */
export const FUZZ_PUBLIC_KEY = 'whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const PRIVATE_KEY = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});

const BASE_SECONDS = 1_700_000_000;
const AGES = [0, 0, 0, 0, 1, 299, 300, 301, 10_000, -1, -299, -300, -301, -100_000];
const IDS = [
  '',
  'msg_1',
  'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'msg.1',
  'é',
  '0',
  'msg 1',
  'constructor',
];
const CHARACTERS = [...'0123456789abvVzAZ,=. +-/_'.split(''), '\t', '\0', 'é', '🧾', '\u00a0', '١'];
const ENTRIES = [
  'v1',
  'v1,',
  ',',
  'v2,abc',
  `v1,${'A'.repeat(43)}=`,
  `v1,${'é'.repeat(44)}`,
  `v1a,${'A'.repeat(86)}==`,
  `V1,${'A'.repeat(43)}=`,
  'constructor,1',
  '',
];
const TIMESTAMPS: readonly ((seconds: number) => string)[] = [
  (seconds) => ` ${seconds}`,
  (seconds) => `${seconds} `,
  (seconds) => `0${seconds}`,
  (seconds) => `+${seconds}`,
  (seconds) => `${seconds}.5`,
  (seconds) => `${seconds}abc`,
  (seconds) => `${seconds}, ${seconds}`,
  (seconds) => `0x${seconds.toString(16)}`,
  (seconds) => `${seconds}0000000000`,
  (seconds) => `${seconds + 1}`,
  () => '-1',
  () => 'NaN',
  () => '',
];

type Family = Record<'id' | 'timestamp' | 'signature', string>;
const FIELDS = ['id', 'timestamp', 'signature'] as const;

export function mutatedStandardWebhook(random: SeededRandom): MutatedStandardWebhook {
  const plain = random.pick(BODIES);
  const original = random.chance(0.2) ? mutateBody(plain, random) : plain;
  const [first, second] = [signedFamily(original, random), signedFamily(original, random)];
  const prefix = random.pick(['webhook', 'svix']);
  const headers = inFamily(prefix, first.family);
  // A sender of both families, or a forger that adds to the one there is.
  if (random.chance(0.15)) Object.assign(headers, inFamily('webhook', second.family));
  for (let left = random.below(4); left > 0; left--) mutateHeaders(headers, random);

  return {
    headers: inAnyCase(headers, random),
    body: random.chance(0.25) ? mutateBody(original, random) : original,
    nowSeconds: BASE_SECONDS + random.pick(AGES),
    signed: [first.signed, second.signed],
  };
}

function signedFamily(body: Buffer, random: SeededRandom) {
  const id = random.pick(IDS);
  // Mostly what a sender writes, and at times what none does.
  const timestamp = random.chance(0.05) ? random.pick(TIMESTAMPS)(BASE_SECONDS) : `${BASE_SECONDS}`;
  const message = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const isAsymmetric = random.chance(0.05);
  const signature = isAsymmetric
    ? `v1a,${signEd25519(null, message, PRIVATE_KEY).toString('base64')}`
    : `v1,${createHmac('sha256', KEY).update(message).digest('base64')}`;
  return { family: { id, timestamp, signature }, signed: { message, isAsymmetric } };
}

function inFamily(prefix: string, family: Family): Record<string, string> {
  return Object.fromEntries(FIELDS.map((field) => [`${prefix}-${field}`, family[field]]));
}

/** Node gives names in lower case; whoever keeps headers elsewhere may not. */
function inAnyCase(headers: Record<string, string>, random: SeededRandom): Record<string, string> {
  if (random.chance(0.9)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      random.pick([name.toUpperCase(), name.replace(/^./, (first) => first.toUpperCase())]),
      value,
    ]),
  );
}

function mutateHeaders(headers: Record<string, string>, random: SeededRandom): void {
  const names = Object.keys(headers);
  if (names.length === 0) return;
  const name = random.pick(names);
  const value = headers[name]!;
  const other = name.startsWith('svix-')
    ? name.replace('svix-', 'webhook-')
    : name.replace('webhook-', 'svix-');
  switch (random.below(9)) {
    case 0:
      headers[name] = mutateText(value, random);
      break;
    case 1:
      delete headers[name];
      break;
    case 2:
      headers[name] = '';
      break;
    case 3:
      // As Node joins two lines of one name.
      headers[name] = `${value}, ${random.chance(0.5) ? value : mutateText(value, random)}`;
      break;
    case 4:
      headers[other] = random.chance(0.5) ? value : mutateText(value, random);
      break;
    case 5:
      delete headers[name];
      headers[other] = value;
      break;
    case 6:
      if (name.endsWith('-timestamp')) headers[name] = random.pick(TIMESTAMPS)(BASE_SECONDS);
      break;
    default:
      if (name.endsWith('-signature')) headers[name] = mutateSignatures(value, random);
  }
}

function mutateSignatures(header: string, random: SeededRandom): string {
  const entries = header.split(' ');
  const at = random.below(entries.length + 1);
  switch (random.below(6)) {
    case 0:
    case 1:
      return entries.toSpliced(at, 0, random.pick(ENTRIES)).join(' ');
    case 2:
      return entries.toSpliced(at, 1, random.pick(ENTRIES)).join(' ');
    case 3:
      return entries.join(random.pick(['  ', ',', ', ', '\t'])) + random.pick(['', ' ', ',x', ',']);
    case 4:
      return header.replace(/^v1a?/, random.pick(['v1', 'v1a', 'v2', 'V1', '', 'v1 ', ' v1']));
    default:
      return `${header} ${mutateText(header, random)}`;
  }
}

function mutateText(text: string, random: SeededRandom): string {
  const at = random.below(text.length + 1);
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(3));
    default:
      return random.chance(0.5) ? text.toUpperCase() : text.slice(0, at);
  }
}
