import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { bytesInBuffers } from '../support/bytes-in-buffers.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { postHead, RawConnection } from '../support/raw-connection.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders } from '../support/stripe-recorder.js';

const PATH = '/webhooks/stripe';
const MIB = 1024 * 1024;
const BLOCK = Buffer.alloc(MIB, 'x');
const CHUNK = Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), BLOCK, Buffer.from('\r\n')]);

const UPLOADS = [
  {
    sent: 'with its length',
    headerLine: `Content-Length: ${50 * MIB}`,
    block: BLOCK,
    end: '',
    blocksBeforeRefusal: 0,
  },
  {
    sent: 'chunked',
    headerLine: 'Transfer-Encoding: chunked',
    block: CHUNK,
    end: '0\r\n\r\n',
    blocksBeforeRefusal: 2,
  },
];

describe.each(ADAPTERS)('an upload of 50 MiB on %s', (adapter) => {
  let running: RunningApp;
  let connection: RawConnection;

  beforeEach(async () => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
    });
    connection = await RawConnection.open(running.url);
  });
  afterEach(async () => {
    await connection.destroy();
    await running.close();
  });

  it.each(UPLOADS)(
    'is answered 413 before the rest arrives, sent $sent',
    async ({ headerLine, block, blocksBeforeRefusal }) => {
      await connection.write(postHead(PATH, [headerLine]));
      for (let sent = 0; sent < blocksBeforeRefusal; sent += 1) await connection.write(block);

      const answer = await connection.answer();

      expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    },
  );

  it.each(UPLOADS)(
    'takes no memory and leaves the connection usable, sent $sent',
    async ({ headerLine, block, end }) => {
      const before = bytesInBuffers();
      await connection.write(postHead(PATH, [headerLine]));
      for (let sent = 0; sent < 49; sent += 1) await connection.write(block);
      const held = bytesInBuffers() - before;
      await connection.write(block);
      await connection.write(end);
      const refusal = await connection.answer();

      const body = eventJson();
      await connection.write(postHead(PATH, signedLines(body)));
      await connection.write(body);
      const next = await connection.answer();

      expect(refusal.status).toBe(413);
      expect(held).toBeLessThan(8 * MIB);
      expect(next).toMatchObject({ status: 200, body: { received: true } });
    },
  );

  it.each(UPLOADS)(
    'hinders no other sender while it goes on, sent $sent',
    async ({ headerLine, block, blocksBeforeRefusal }) => {
      await connection.write(postHead(PATH, [headerLine]));
      for (let sent = 0; sent < blocksBeforeRefusal; sent += 1) await connection.write(block);
      await connection.answer();
      const body = eventJson();

      const answer = await send(running.url + PATH, { headers: signedHeaders(body), body });

      expect(answer.status).toBe(200);
    },
  );
});

function signedLines(body: string): string[] {
  const headers = Object.entries(signedHeaders(body)).map(([name, value]) => `${name}: ${value}`);
  return [...headers, `Content-Length: ${Buffer.byteLength(body)}`];
}
