import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { postHead, RawConnection } from '../support/raw-connection.js';
import { recordingLogger } from '../support/recording-logger.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const BODY = eventJson();
const GOOD = signedHeaders(BODY)['stripe-signature']!;
const [TIMESTAMP, V1] = GOOD.split(',') as [string, string];
const DIGEST = V1.slice('v1='.length);

/** Values of header lines: each is sent as a `Stripe-Signature` line of its own. */
const REFUSED: readonly { what: string; values: readonly string[]; code: string }[] = [
  { what: 'no header', values: [], code: 'signature_missing' },
  { what: 'an empty header', values: [''], code: 'signature_missing' },
  { what: 'white space', values: [' \t '], code: 'signature_missing' },
  { what: 'a word', values: ['nonsense'], code: 'signature_malformed' },
  { what: 'an equals sign', values: ['='], code: 'signature_malformed' },
  { what: 'no timestamp', values: [V1], code: 'signature_malformed' },
  { what: 'no signature', values: [TIMESTAMP], code: 'signature_malformed' },
  { what: 'an empty v1', values: [`${TIMESTAMP},v1=`], code: 'signature_malformed' },
  { what: 'an empty t', values: [`t=,${V1}`], code: 'signature_malformed' },
  {
    what: 'a v1 of 64 characters beyond ASCII',
    values: [`${TIMESTAMP},v1=${'é'.repeat(64)}`],
    code: 'signature_malformed',
  },
  {
    what: 'a v1 of 32 characters beyond ASCII, 64 bytes in UTF-8',
    values: [`${TIMESTAMP},v1=${'é'.repeat(32)}`],
    code: 'signature_malformed',
  },
  { what: 'a v1 that is cut', values: [GOOD.slice(0, -1)], code: 'signature_malformed' },
  { what: 'a v1 that is longer', values: [`${GOOD}0`], code: 'signature_malformed' },
  {
    what: 'a v1 in capitals',
    values: [`${TIMESTAMP},v1=${DIGEST.toUpperCase()}`],
    code: 'signature_mismatch',
  },
  {
    what: 'a v1 of zeros',
    values: [`${TIMESTAMP},v1=${'0'.repeat(64)}`],
    code: 'signature_mismatch',
  },
  { what: 'only a v0', values: [`${TIMESTAMP},v0=${DIGEST}`], code: 'signature_malformed' },
  { what: 'semicolons', values: [GOOD.replace(',', ';')], code: 'signature_malformed' },
  { what: 'quotes', values: [`"${GOOD}"`], code: 'signature_malformed' },
  { what: 'the header twice', values: [GOOD, GOOD], code: 'signature_malformed' },
  {
    what: 'a second header with another time',
    values: [GOOD, `t=1,v1=${'0'.repeat(64)}`],
    code: 'signature_malformed',
  },
  { what: 'two times in one header', values: [`t=1,${GOOD}`], code: 'signature_malformed' },
  {
    what: 'as many commas as a header holds',
    values: [','.repeat(15_000)],
    code: 'signature_malformed',
  },
  {
    what: 'as many signatures as a header holds',
    values: [`${TIMESTAMP}${`,v1=${'0'.repeat(64)}`.repeat(200)}`],
    code: 'signature_mismatch',
  },
  ...['NaN', '-1', '+1', '1e9', '0x1', '1.5', ' 1', 'Infinity', '²', '9'.repeat(30), 'now'].map(
    (t) => ({
      what: `the time "${t}"`,
      values: [`t=${t},${V1}`],
      code: 'signature_malformed',
    }),
  ),
  { what: 'the time 0', values: [`t=0,${V1}`], code: 'timestamp_too_old' },
  {
    what: 'a time in milliseconds',
    values: [`${TIMESTAMP}000,${V1}`],
    code: 'timestamp_in_future',
  },
];

describe.each(ADAPTERS)('a Stripe-Signature header on %s', (adapter) => {
  const logger = recordingLogger();
  let running: RunningApp;
  let recorder: StripeRecorder;

  beforeAll(async () => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      providers: [StripeRecorder],
      options: { logger },
    });
    recorder = running.app.get(StripeRecorder);
  });
  afterAll(() => running.close());

  it.each(REFUSED)('is refused with 400 when it is $what', async ({ values, code }) => {
    const answer = await post(values);

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ statusCode: 400, code, message: expect.any(String) });
    expect(recorder.events).toEqual([]);
    expect(logger.ofLevel('error')).toEqual([]);
  });

  it.each([
    { what: 'its parts in another order', value: `${V1},${TIMESTAMP}` },
    { what: 'a v0 beside it', value: `${GOOD},v0=${'0'.repeat(64)}` },
    {
      what: 'a signature by another secret before it',
      value: `${TIMESTAMP},v1=${'0'.repeat(64)},${V1}`,
    },
    { what: 'an unknown scheme and empty parts', value: `,,a=b,=,${GOOD},,` },
  ])('is accepted with $what', async ({ value }) => {
    const good = await post([value]);
    const tampered = await post([value], eventJson());

    expect(good).toMatchObject({ status: 200, body: { received: true } });
    expect(tampered).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
  });

  async function post(values: readonly string[], body = BODY) {
    const connection = await RawConnection.open(running.url);
    const lines = values.map((value) => `Stripe-Signature: ${value}`);
    await connection.write(
      postHead('/webhooks/stripe', [...lines, `Content-Length: ${body.length}`]),
    );
    await connection.write(body);
    const answer = await connection.answer();
    await connection.destroy();
    return answer;
  }
});
