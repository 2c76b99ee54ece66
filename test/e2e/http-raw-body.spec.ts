import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { RunningApp } from '../support/create-app.js';
import { configurationsOf, createConfiguredApp } from '../support/http-configurations.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

interface BodyCase {
  readonly what: string;
  readonly body: Buffer;
  readonly contentType?: string | undefined;
  readonly isChunked?: boolean;
  readonly query?: string;
}

const EVENTS: readonly BodyCase[] = [
  { what: 'a JSON body', body: event() },
  { what: 'a number that JSON.stringify would shorten', body: event(',"amount": 5.0') },
  { what: 'white space between the tokens', body: pretty() },
  { what: 'unicode, plain and escaped', body: event(',"name":"Zoë 🚀 \\u00e9 \\/"') },
  { what: 'a byte order mark', body: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), event()]) },
  {
    what: 'bytes in a string that are not UTF-8',
    body: Buffer.concat([event().subarray(0, -1), Buffer.from(',"n":"\xff\xfe\xe9"}', 'latin1')]),
  },
  { what: 'a body of 900 kB', body: event(`,"filler":"${'x'.repeat(900_000)}"`) },
  { what: 'text/plain', body: event(), contentType: 'text/plain' },
  { what: 'application/octet-stream', body: event(), contentType: 'application/octet-stream' },
  {
    what: 'a JSON dialect',
    body: event(),
    contentType: 'application/cloudevents+json; charset=utf-8',
  },
  { what: 'no content type', body: event(), contentType: undefined },
  { what: 'a content type that is none', body: event(), contentType: ';;/garbage"' },
  {
    what: 'a charset that nobody knows',
    body: event(),
    contentType: 'application/json; charset=klingon-8',
  },
  {
    what: 'JSON announced as a form',
    body: event(),
    contentType: 'application/x-www-form-urlencoded',
  },
  {
    what: 'JSON announced as multipart',
    body: event(),
    contentType: 'multipart/form-data; boundary=xxx',
  },
  { what: 'a chunked body', body: event(',"amount": 5.0'), isChunked: true },
  { what: 'a query string', body: event(), query: '?livemode=true&x=%00' },
];

const NO_EVENTS: readonly BodyCase[] = [
  { what: 'an empty body', body: Buffer.alloc(0) },
  { what: 'an empty chunked body', body: Buffer.alloc(0), isChunked: true },
  { what: 'JSON that breaks off', body: Buffer.from('{"id":') },
  {
    what: 'a form',
    body: Buffer.from('id=evt_1&type=invoice.paid&a+b=%20'),
    contentType: 'application/x-www-form-urlencoded',
  },
  {
    what: 'a multipart body',
    body: Buffer.from(
      '--xxx\r\nContent-Disposition: form-data; name="id"\r\n\r\nevt_1\r\n--xxx--\r\n',
    ),
    contentType: 'multipart/form-data; boundary=xxx',
  },
  { what: 'binary', body: Buffer.from([0, 255, 128, 10, 13]), contentType: 'image/png' },
];

describe.each(ADAPTERS)('the raw body on %s', (adapter) => {
  describe.each(configurationsOf(adapter))('with $configuration', (configuration) => {
    const { endpointPath = '/webhooks/stripe', headers } = configuration;
    let running: RunningApp;
    let recorder: StripeRecorder;

    beforeAll(async () => {
      running = await createConfiguredApp(adapter, configuration, {
        imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
        providers: [StripeRecorder],
      });
      recorder = running.app.get(StripeRecorder);
    });
    afterAll(() => running.close());

    it.each(EVENTS)('reaches the handler byte for byte: $what', async (bodyCase) => {
      const seen = recorder.contexts.length;

      const answer = await sendSigned(bodyCase);

      expect(answer).toMatchObject({ status: 200, body: { received: true } });
      expect(recorder.contexts).toHaveLength(seen + 1);
      expect(recorder.lastRawBody!.equals(bodyCase.body)).toBe(true);
    });

    it.each(NO_EVENTS)(
      'is verified, and refused only when it is parsed: $what',
      async (bodyCase) => {
        const seen = recorder.contexts.length;

        const answer = await sendSigned(bodyCase);

        expect(answer).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
        expect(recorder.contexts).toHaveLength(seen);
      },
    );

    it('is refused when one byte differs from what was signed', async () => {
      const seen = recorder.contexts.length;
      const signed = event(',"amount": 5.0');
      const tampered = Buffer.from(signed.toString().replace('5.0', '6.0'));

      const answer = await send(running.url + endpointPath, {
        headers: { ...headers, ...signedHeaders(signed) },
        body: tampered,
      });

      expect(answer).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
      expect(recorder.contexts).toHaveLength(seen);
    });

    function sendSigned({ body, isChunked = false, query = '', ...rest }: BodyCase) {
      const { 'content-type': json, ...signature } = signedHeaders(body);
      const contentType = 'contentType' in rest ? rest.contentType : json;
      return send(running.url + endpointPath + query, {
        headers: {
          ...headers,
          ...signature,
          ...(contentType !== undefined && { 'content-type': contentType }),
        },
        body: isChunked ? [...splitInThree(body)] : body,
      });
    }
  });
});

function event(more?: string): Buffer {
  return Buffer.from(eventJson(more));
}

function pretty(): Buffer {
  return Buffer.from(`${JSON.stringify(JSON.parse(eventJson()), null, 2)}\r\n`);
}

function splitInThree(body: Buffer): Buffer[] {
  const third = Math.ceil(body.length / 3);
  return [0, 1, 2]
    .map((part) => body.subarray(part * third, (part + 1) * third))
    .filter(({ length }) => length > 0);
}
