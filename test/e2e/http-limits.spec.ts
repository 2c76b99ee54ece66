import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const LIMIT = 2000;

describe.each(ADAPTERS)('maxBodyBytes on %s', (adapter) => {
  let running: RunningApp;
  let recorder: StripeRecorder;

  beforeAll(async () => {
    running = await createApp({
      adapter,
      imports: [
        StripeWebhooksModule.forRoot({ secrets: SECRET, maxBodyBytes: LIMIT }),
        StripeWebhooksModule.forRoot({ name: 'default', secrets: SECRET }),
      ],
      providers: [StripeRecorder],
    });
    recorder = running.app.get(StripeRecorder);
  });
  afterAll(() => running.close());

  it.each([
    { sent: 'with its length', isChunked: false },
    { sent: 'chunked', isChunked: true },
  ])('lets a body of exactly the limit pass, sent $sent', async ({ isChunked }) => {
    const body = eventOf(LIMIT);

    const answer = await sendSigned('stripe', body, isChunked);

    expect(answer.status).toBe(200);
    expect(recorder.lastRawBody!.equals(body)).toBe(true);
  });

  it.each([
    { sent: 'with its length', isChunked: false },
    { sent: 'chunked', isChunked: true },
  ])('refuses one byte more, sent $sent', async ({ isChunked }) => {
    const seen = recorder.contexts.length;

    const answer = await sendSigned('stripe', eventOf(LIMIT + 1), isChunked);

    expect(answer.status).toBe(413);
    expect(answer.body).toEqual({
      statusCode: 413,
      code: 'body_too_large',
      message: expect.stringContaining(`${LIMIT} bytes`),
    });
    expect(recorder.contexts).toHaveLength(seen);
  });

  it('is 1 MiB where nothing is said, whatever the limits of the parsers are', async () => {
    const exact = await sendSigned('default', eventOf(1024 * 1024), false);
    const larger = await sendSigned('default', eventOf(1024 * 1024 + 1), false);

    expect(exact.status).toBe(200);
    expect(larger.status).toBe(413);
  });

  function sendSigned(endpoint: string, body: Buffer, isChunked: boolean) {
    return send(`${running.url}/webhooks/${endpoint}`, {
      headers: signedHeaders(body),
      body: isChunked ? [body.subarray(0, 1000), body.subarray(1000)] : body,
    });
  }
});

/** An event whose JSON has exactly so many bytes. */
function eventOf(length: number): Buffer {
  const withoutFiller = eventJson(',"filler":""');
  const filler = 'x'.repeat(length - withoutFiller.length);
  return Buffer.from(withoutFiller.replace('""', `"${filler}"`));
}
