import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

interface PayloadCase {
  readonly what: string;
  readonly body: string | Buffer;
  readonly expected: object;
}

const EVENTS: readonly PayloadCase[] = [
  { what: 'numbers', body: eventJson(',"amount": 5.0'), expected: { amount: 5 } },
  { what: 'unicode', body: eventJson(',"name":"Zo\\u00eb 🚀"'), expected: { name: 'Zoë 🚀' } },
  {
    what: 'a body with a byte order mark',
    body: marked(eventJson(',"name":"\ufeffkept inside"')),
    expected: { name: '\ufeffkept inside' },
  },
  {
    what: 'bytes that are not UTF-8, as replacement characters',
    body: Buffer.from(eventJson(',"name":"\xe9"'), 'latin1'),
    expected: { name: '\ufffd' },
  },
  {
    what: 'names of the prototype, as plain fields',
    body: eventJson(',"constructor":"a","toString":"b"'),
    expected: { constructor: 'a', toString: 'b' },
  },
];

const SIGNED_BUT_NO_EVENT = [
  { what: 'text', body: 'id=evt_1', code: 'body_not_json' },
  { what: 'nothing', body: '', code: 'body_not_json' },
  { what: 'white space', body: ' \r\n', code: 'body_not_json' },
  { what: 'a byte order mark alone', body: BYTE_ORDER_MARK, code: 'body_not_json' },
  { what: 'two byte order marks', body: marked(marked(eventJson())), code: 'body_not_json' },
  { what: 'UTF-16', body: Buffer.from(eventJson(), 'utf16le'), code: 'body_not_json' },
  { what: 'two events in lines', body: `${eventJson()}\n${eventJson()}`, code: 'body_not_json' },
  { what: 'an object without an id', body: '{"type":"invoice.paid"}', code: 'event_malformed' },
  { what: 'an object without a type', body: '{"id":"evt_1"}', code: 'event_malformed' },
  { what: 'an empty id', body: '{"id":"","type":"a"}', code: 'event_malformed' },
  { what: 'an id that is a number', body: '{"id":1,"type":"a"}', code: 'event_malformed' },
  { what: 'a type that is an object', body: '{"id":"evt_1","type":{}}', code: 'event_malformed' },
  {
    what: 'an id in the prototype',
    body: '{"__proto__":{"id":"a","type":"b"}}',
    code: 'event_malformed',
  },
  { what: 'an array', body: `[${eventJson()}]`, code: 'event_malformed' },
  { what: 'null', body: 'null', code: 'event_malformed' },
  { what: 'a number', body: '5.0', code: 'event_malformed' },
  { what: 'a string', body: '"evt_1"', code: 'event_malformed' },
  { what: 'a boolean', body: 'true', code: 'event_malformed' },
];

describe.each(ADAPTERS)('the payload of a verified body on %s', (adapter) => {
  let running: RunningApp;
  let recorder: StripeRecorder;

  beforeAll(async () => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      providers: [StripeRecorder],
    });
    recorder = running.app.get(StripeRecorder);
  });
  afterAll(() => running.close());

  it.each(EVENTS)('has $what', async ({ body, expected }) => {
    const answer = await send(`${running.url}/webhooks/stripe`, {
      headers: signedHeaders(body),
      body,
    });

    expect(answer.status).toBe(200);
    expect(recorder.events.at(-1)).toMatchObject(expected);
  });

  it.each(SIGNED_BUT_NO_EVENT)('is refused when it is $what', async ({ body, code }) => {
    const seen = recorder.events.length;

    const answer = await send(`${running.url}/webhooks/stripe`, {
      headers: signedHeaders(body),
      body,
    });

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ statusCode: 400, code, message: expect.any(String) });
    expect(recorder.events).toHaveLength(seen);
  });

  it.each(SIGNED_BUT_NO_EVENT)(
    'is not looked at before the signature when it is $what',
    async ({ body }) => {
      const answer = await send(`${running.url}/webhooks/stripe`, {
        headers: signedHeaders(body, { secret: 'whsec_of_a_stranger' }),
        body,
      });

      expect(answer).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
    },
  );
});

function marked(text: string | Uint8Array): Buffer {
  return Buffer.concat([BYTE_ORDER_MARK, Buffer.from(text)]);
}
