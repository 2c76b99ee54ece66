// Checks one signature by this package (its last build), by svix and by standardwebhooks, in turns, and
// prints the table of docs/performance.md: `npm run bench:signatures`.
import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { decodeVerificationKey } from '../dist/cjs/signatures/standard-webhooks-key.js';
import { verifyStandardWebhooksSignature } from '../dist/cjs/signatures/standard-webhooks-signature.js';
import { signStandardWebhook } from '../dist/cjs/testing/sign-standard-webhook.js';

const ROUNDS = 21;
const ROUND_MS = 100;
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const keys = [{ label: 'default', key: decodeVerificationKey(SECRET).key }];
const svix = new SvixWebhook(SECRET);
const standardWebhooks = new StandardWebhook(SECRET);

const CHECKS = {
  'this package': (rawBody, headers) => {
    const nowSeconds = Math.floor(Date.now() / 1000);
    verifyStandardWebhooksSignature({ rawBody, headers, keys, toleranceSeconds: 300, nowSeconds });
  },
  svix: (rawBody, headers) => svix.verify(rawBody, headers),
  // Without parsing, as svix does it.
  standardwebhooks: (rawBody, headers) =>
    standardWebhooks.verify(rawBody, headers, { jsonParse: false }),
};

console.log(`${cpus().length} cores of ${cpus()[0].model}, ${arch()}, Node ${process.version}`);
console.log(`svix ${versionOf('svix')}, standardwebhooks ${versionOf('standardwebhooks')}\n`);
console.log(`| Body | ${Object.keys(CHECKS).join(' | ')} | svix takes |`);
console.log(`| --- |${' --- |'.repeat(Object.keys(CHECKS).length + 1)}`);
for (const kilobytes of [2, 20, 500]) {
  const medians = measure(kilobytes * 1000);
  const [ours, ofSvix] = medians;
  const cells = medians.map((median) => `${median.toFixed(median < 100 ? 1 : 0)} µs`);
  console.log(`| ${kilobytes} KB | ${cells.join(' | ')} | ${(ofSvix / ours).toFixed(1)} times |`);
}

/** The median of each check over all rounds, in microseconds a call. */
function measure(bytes) {
  const body = Buffer.from(JSON.stringify({ type: 'user.created', data: 'a'.repeat(bytes) }));
  const headers = signStandardWebhook({ body, secret: SECRET });
  const checks = Object.values(CHECKS).map((check) => () => check(body, headers));
  const calls = checks.map(callsInRound);
  const rounds = Array.from({ length: ROUNDS }, () =>
    checks.map((check, index) => timePerCall(check, calls[index])),
  );
  return checks.map((_check, index) => median(rounds.map((round) => round[index])));
}

/** Warms it up, and gives how often it is called in a round. */
function callsInRound(check) {
  const untilMs = performance.now() + 3 * ROUND_MS;
  let calls = 0;
  for (; performance.now() < untilMs; calls++) check();
  return Math.ceil(calls / 3);
}

function timePerCall(check, calls) {
  const startedAtMs = performance.now();
  for (let call = 0; call < calls; call++) check();
  return ((performance.now() - startedAtMs) * 1000) / calls;
}

function median(values) {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];
}

function versionOf(name) {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')).version;
}
