import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { bytesInBuffers } from '../support/bytes-in-buffers.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const MIB = 1024 * 1024;
const LIMIT = 10_000;

describe.each(ADAPTERS)('a compressed body on %s', (adapter) => {
  let running: RunningApp;
  let recorder: StripeRecorder;

  beforeAll(async () => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET, maxBodyBytes: LIMIT })],
      providers: [StripeRecorder],
    });
    recorder = running.app.get(StripeRecorder);
  });
  afterAll(() => running.close());

  it.each([
    { encoding: 'gzip', compress: gzipSync },
    { encoding: 'GZIP', compress: gzipSync },
    { encoding: 'x-gzip', compress: gzipSync },
    { encoding: 'deflate', compress: deflateSync },
    { encoding: 'identity', compress: (bytes: Buffer) => bytes },
  ])('is inflated, and signed as it was before: $encoding', async ({ encoding, compress }) => {
    const body = Buffer.from(eventJson(',"amount": 5.0'));

    const answer = await sendEncoded(compress(body), encoding, body);

    expect(answer.status).toBe(200);
    expect(recorder.lastRawBody!.equals(body)).toBe(true);
  });

  it('passes when it inflates to exactly the limit, and not with a byte more', async () => {
    const exact = padded(LIMIT);
    const larger = padded(LIMIT + 1);

    const taken = await sendEncoded(gzipSync(exact), 'gzip', exact);
    const refused = await sendEncoded(gzipSync(larger), 'gzip', larger);

    expect(taken.status).toBe(200);
    expect(refused).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('is refused when it is small and inflates to a thousand times the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(9 * MIB));
    const before = bytesInBuffers();

    const answer = await sendEncoded(bomb, 'gzip', bomb);

    expect(bomb.length).toBeLessThan(LIMIT);
    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(bytesInBuffers() - before).toBeLessThan(MIB);
  });

  it.each([
    { what: 'not compressed at all', bytes: Buffer.from('{}') },
    { what: 'cut off', bytes: gzipSync(padded(500)).subarray(0, -12) },
    { what: 'changed in its middle', bytes: corrupt(gzipSync(padded(500))) },
  ])('is refused when it is $what', async ({ bytes }) => {
    const answer = await sendEncoded(bytes, 'gzip', bytes);

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      statusCode: 400,
      code: 'body_unreadable',
      message: expect.any(String),
    });
  });

  it('is refused when the compressed bytes are what was signed', async () => {
    const bytes = gzipSync(eventJson());

    const answer = await sendEncoded(bytes, 'gzip', bytes);

    expect(answer).toMatchObject({ status: 400, body: { code: 'signature_mismatch' } });
  });

  it.each([
    { encoding: 'br', compress: brotliCompressSync },
    { encoding: 'gzip, gzip', compress: (bytes: Buffer) => gzipSync(gzipSync(bytes)) },
    { encoding: 'constructor', compress: deflateRawSync },
  ])('is answered 415 with an encoding that is not supported: $encoding', async (each) => {
    const body = Buffer.from(eventJson());

    const answer = await sendEncoded(each.compress(body), each.encoding, body);

    expect(answer.status).toBe(415);
    expect(answer.body).toEqual({
      statusCode: 415,
      code: 'encoding_unsupported',
      message: expect.any(String),
    });
  });

  it('may be empty', async () => {
    const answer = await sendEncoded(Buffer.alloc(0), 'gzip', Buffer.alloc(0));

    expect(answer).toMatchObject({ status: 400, body: { code: 'body_not_json' } });
  });

  function sendEncoded(bytes: Buffer, encoding: string, signed: Buffer) {
    return send(`${running.url}/webhooks/stripe`, {
      headers: { 'content-encoding': encoding, ...signedHeaders(signed) },
      body: bytes,
    });
  }
});

/** An event of so many bytes. */
function padded(length: number): Buffer {
  const json = eventJson();
  return Buffer.from(json + ' '.repeat(length - json.length));
}

function corrupt(bytes: Buffer): Buffer {
  const middle = bytes.length >> 1;
  bytes[middle]! ^= 0xff;
  return bytes;
}
