import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { postHead, RawConnection } from '../support/raw-connection.js';
import { answerTo, open, send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const PATH = '/webhooks/stripe';

describe.each(ADAPTERS)('a request to the endpoint on %s', (adapter) => {
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

  it('may ask before it sends the body (Expect: 100-continue)', async () => {
    const body = eventJson(',"amount": 5.0');
    const asking = open(running.url + PATH, {
      headers: {
        ...signedHeaders(body),
        expect: '100-continue',
        'content-length': String(body.length),
      },
    });
    asking.flushHeaders();
    await once(asking, 'continue');
    asking.end(body);

    const answer = await answerTo(asking);

    expect(answer.status).toBe(200);
    expect(recorder.lastRawBody!.toString()).toBe(body);
  });

  it('comes one after the other on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const bodies = [eventJson(), eventJson(), eventJson()];
    const statuses: number[] = [];

    for (const body of bodies) {
      const headers = signedHeaders(body);
      statuses.push((await send(running.url + PATH, { agent, headers, body })).status);
    }
    agent.destroy();

    expect(statuses).toEqual([200, 200, 200]);
    expect(recorder.contexts.slice(-3).map(({ rawBody }) => rawBody.toString())).toEqual(bodies);
  });

  it('comes many at once, each with its own bytes', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => eventJson(`,"index":${index}`));

    const answers = await Promise.all(
      bodies.map((body) => send(running.url + PATH, { headers: signedHeaders(body), body })),
    );

    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    const seen = recorder.contexts.slice(-50).map(({ rawBody }) => rawBody.toString());
    expect(seen.sort()).toEqual([...bodies].sort());
  });

  it('may come byte by byte', async () => {
    const body = eventJson(',"name":"Zoë"');
    const sent = open(running.url + PATH, { headers: signedHeaders(body) });
    sent.setNoDelay(true);
    for (const byte of Buffer.from(body)) sent.write(Buffer.of(byte));
    sent.end();

    const answer = await answerTo(sent);

    expect(answer.status).toBe(200);
    expect(recorder.lastRawBody!.toString()).toBe(body);
  });

  it.each([
    { sent: 'with its length', headerLine: 'Content-Length: 1000', part: '{"id":' },
    { sent: 'chunked', headerLine: 'Transfer-Encoding: chunked', part: '6\r\n{"id":\r\n' },
  ])('does no harm when it breaks off in its body, sent $sent', async ({ headerLine, part }) => {
    const seen = recorder.contexts.length;
    const arrived = once(running.app.getHttpServer() as Server, 'request');
    const connection = await RawConnection.open(running.url);
    const { 'stripe-signature': signature } = signedHeaders('{"id":');
    await connection.write(postHead(PATH, [headerLine, `Stripe-Signature: ${signature}`]));
    const [request] = (await arrived) as [IncomingMessage];
    await connection.write(part);
    const closed = new Promise((resolve) => request.on('close', resolve));
    await connection.destroy();
    await closed;
    const body = eventJson();

    const answer = await send(running.url + PATH, { headers: signedHeaders(body), body });

    expect(request.complete).toBe(false);
    expect(answer.status).toBe(200);
    expect(recorder.contexts).toHaveLength(seen + 1);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])(
    'is answered 404 by Nest when it is a %s',
    async (method) => {
      const answer = await send(running.url + PATH, { method });

      expect(answer).toMatchObject({ status: 404, body: { statusCode: 404 } });
    },
  );

  it('is answered 404 on a path beside the endpoint', async () => {
    const body = eventJson();

    const answer = await send(`${running.url}${PATH}/more`, { headers: signedHeaders(body), body });

    expect(answer.status).toBe(404);
  });
});

describe('the paths that Express takes for the same', () => {
  it.each(['/webhooks/stripe/', '/Webhooks/STRIPE', '/webhooks/stripe/?a=/b'])(
    'keep the bytes too: %s',
    async (path) => {
      const running = await createApp({
        adapter: 'express',
        imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
        providers: [StripeRecorder],
      });
      const body = eventJson(',"amount": 5.0');

      const answer = await send(running.url + path, { headers: signedHeaders(body), body });
      await running.close();

      expect(answer.status).toBe(200);
      expect(running.app.get(StripeRecorder).lastRawBody!.toString()).toBe(body);
    },
  );
});
