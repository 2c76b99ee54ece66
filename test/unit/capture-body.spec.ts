import { once } from 'node:events';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { BodyTooLargeError } from '../../src/errors/body-too-large.error.js';
import { BodyUnreadableError } from '../../src/errors/body-unreadable.error.js';
import { UnsupportedEncodingError } from '../../src/errors/unsupported-encoding.error.js';
import { captureBody } from '../../src/raw-body/capture-body.js';
import { capturingServer } from '../support/capturing-server.js';
import { open, send } from '../support/send.js';
import type { SendOptions } from '../support/send.js';

const LIMIT = 1000;
const BYTES = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);

/** Sends a request to a server that captures its body, and gives what capturing came to. */
async function capture(options: SendOptions): Promise<PromiseSettledResult<Buffer>> {
  const server = await capturingServer((request) => captureBody(request, LIMIT));
  await send(server.url, options);
  return server.nextResult();
}

function encoded(encoding: string, body: Uint8Array): SendOptions {
  return { headers: { 'content-encoding': encoding }, body };
}

function refusal(ErrorClass: Function, fields: object = {}): unknown {
  return {
    status: 'rejected',
    reason: expect.objectContaining({ name: ErrorClass.name, ...fields }),
  };
}

describe('Capturing a body', () => {
  it('gives the bytes as they came', async () => {
    expect(await capture({ body: BYTES })).toEqual({ status: 'fulfilled', value: BYTES });
  });

  it('puts the chunks of a body of unknown length together', async () => {
    const body = Array.from(BYTES, (byte) => Buffer.of(byte));

    expect(await capture({ body })).toEqual({ status: 'fulfilled', value: BYTES });
  });

  it.each<SendOptions>([
    { body: '' },
    { headers: { 'content-length': '0' } },
    { body: [] },
    { headers: { 'content-encoding': 'gzip', 'content-length': '0' } },
  ])('gives no bytes for an empty body: %j', async (options) => {
    expect(await capture(options)).toEqual({ status: 'fulfilled', value: Buffer.alloc(0) });
  });

  it('takes a body of exactly the limit', async () => {
    const body = Buffer.alloc(LIMIT, 'a');

    expect(await capture({ body })).toEqual({ status: 'fulfilled', value: body });
    expect(await capture({ body: [body.subarray(1), body.subarray(0, 1)] })).toMatchObject({
      value: body,
    });
  });

  it('refuses a body of one byte more, announced or not', async () => {
    const body = Buffer.alloc(LIMIT + 1, 'a');
    const tooLarge = refusal(BodyTooLargeError, { statusCode: 413, maxBodyBytes: LIMIT });

    expect(await capture({ body })).toEqual(tooLarge);
    expect(await capture({ body: [body.subarray(1), body.subarray(0, 1)] })).toEqual(tooLarge);
  });

  it('refuses an announced length over the limit before any of it came', async () => {
    const server = await capturingServer((request) => captureBody(request, LIMIT));
    const sent = open(server.url, { headers: { 'content-length': '50000000' } });
    sent.on('error', () => undefined).flushHeaders();

    const result = await server.nextResult();

    sent.destroy();
    expect(result).toEqual(refusal(BodyTooLargeError));
  });

  it('refuses at the limit while the rest is still to come', async () => {
    const server = await capturingServer((request) => captureBody(request, LIMIT));
    const sent = open(server.url);
    sent.on('error', () => undefined).write(Buffer.alloc(LIMIT + 1));

    const result = await server.nextResult();

    sent.destroy();
    expect(result).toEqual(refusal(BodyTooLargeError));
  });

  it.each([
    ['gzip', gzipSync(BYTES)],
    ['GZIP', gzipSync(BYTES)],
    [' gzip ', gzipSync(BYTES)],
    ['x-gzip', gzipSync(BYTES)],
    ['deflate', deflateSync(BYTES)],
    ['identity', BYTES],
    ['', BYTES],
  ])('inflates by the encoding %j', async (encoding, body) => {
    expect(await capture(encoded(encoding, body))).toEqual({ status: 'fulfilled', value: BYTES });
  });

  it('inflates exactly as much as the limit and not a byte more', async () => {
    const [fits, tooMuch] = [Buffer.alloc(LIMIT), Buffer.alloc(LIMIT + 1)];

    expect(await capture(encoded('gzip', gzipSync(fits)))).toMatchObject({ value: fits });
    expect(await capture(encoded('deflate', deflateSync(fits)))).toMatchObject({ value: fits });
    expect(await capture(encoded('gzip', gzipSync(tooMuch)))).toEqual(refusal(BodyTooLargeError));
    expect(await capture(encoded('deflate', deflateSync(tooMuch)))).toEqual(
      refusal(BodyTooLargeError),
    );
  });

  it('stops inflating at the limit what would inflate to a thousand times its size', async () => {
    const bomb = gzipSync(Buffer.alloc(900_000));
    expect(bomb.length).toBeLessThan(LIMIT);

    expect(await capture(encoded('gzip', bomb))).toEqual(refusal(BodyTooLargeError));
  });

  it.each([
    ['gzip', Buffer.from('not compressed')],
    ['gzip', gzipSync(BYTES).subarray(0, -4)],
    ['gzip', Buffer.of(0x1f, 0x8b)],
    ['gzip', deflateSync(BYTES)],
    ['deflate', gzipSync(BYTES)],
    ['deflate', deflateRawSync(BYTES).subarray(0, 3)],
  ])('refuses broken %s', async (encoding, body) => {
    expect(await capture(encoded(encoding, body))).toEqual(
      refusal(BodyUnreadableError, { statusCode: 400, code: 'body_unreadable' }),
    );
  });

  it.each(['br', 'zstd', 'compress', 'gzip, gzip', 'constructor', '__proto__', 'toString', '*'])(
    'refuses the encoding %s',
    async (encoding) => {
      expect(await capture(encoded(encoding, BYTES))).toEqual(
        refusal(UnsupportedEncodingError, { statusCode: 415 }),
      );
    },
  );

  it('refuses a body that its sender aborted', async () => {
    const server = await capturingServer((request) => {
      const captured = captureBody(request, LIMIT);
      sent.destroy();
      return captured;
    });
    const sent = open(server.url, { headers: { 'content-length': '100' } });
    sent.on('error', () => undefined).write('half of it');

    expect(await server.nextResult()).toEqual(
      refusal(BodyUnreadableError, { message: 'The body did not arrive whole.' }),
    );
  });

  it('refuses a body that was aborted before it was to be read', async () => {
    const server = await capturingServer(async (request) => {
      const closed = new Promise((resolve) => request.on('close', resolve));
      request.on('error', () => undefined);
      sent.destroy();
      await closed;
      return captureBody(request, LIMIT);
    });
    const sent = open(server.url, { headers: { 'content-length': '100' } });
    sent.on('error', () => undefined).write('half of it');

    expect(await server.nextResult()).toEqual(refusal(BodyUnreadableError));
  });

  it('gives no bytes, and does not wait, where the body was read before', async () => {
    const server = await capturingServer(async (request) => {
      request.resume();
      await once(request, 'end');
      return captureBody(request, LIMIT);
    });

    await send(server.url, { body: BYTES });

    expect(await server.nextResult()).toEqual({ status: 'fulfilled', value: Buffer.alloc(0) });
  });
});
