import 'reflect-metadata';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { postHead, RawConnection } from '../support/raw-connection.js';
import { eventJson, SECRET, signedHeaders } from '../support/stripe-recorder.js';

const running: RunningApp[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});

async function start(): Promise<string> {
  const app = await createApp({
    adapter: 'express',
    imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
  });
  running.push(app);
  return app.url;
}

/** Posts a signed event to a request target as it stands on the request line. */
async function statusOf(url: string, target: string): Promise<number> {
  const body = eventJson();
  const lines = Object.entries({ ...signedHeaders(body), 'content-length': `${body.length}` });
  const connection = await RawConnection.open(url);
  await connection.write(
    postHead(
      target,
      lines.map(([name, value]) => `${name}: ${value}`),
    ),
  );
  await connection.write(body);
  const { status } = await connection.answer();
  await connection.destroy();
  return status;
}

describe('A request target that Express routes to a webhook endpoint', () => {
  it.each([
    '/webhooks/stripe',
    '/Webhooks/STRIPE/',
    '/webhooks/stripe?a=/b',
    '/webhooks/stripe#fragment',
    '/webhooks/stripe/?#/',
    '/webhooks\\stripe#',
    'http://proxied.example/webhooks/stripe',
    'HTTP://proxied.example:443/webhooks/stripe?x',
  ])('has its body captured: %s', async (target) => {
    const url = await start();

    expect(await statusOf(url, target)).toBe(200);
  });

  it.each(['http://a:b/webhooks/stripe', '//x/webhooks/stripe', '*'])(
    'is not %s',
    async (target) => {
      const url = await start();

      expect(await statusOf(url, target)).toBe(404);
    },
  );

  it('has its body captured below the path at which another Express has mounted the application', async () => {
    await start();
    const outer = express().use('/api', running[0]!.app.getHttpAdapter().getInstance());
    const server = outer.listen(0, '127.0.0.1');
    await once(server, 'listening');

    const { port } = server.address() as AddressInfo;
    const status = await statusOf(`http://127.0.0.1:${port}`, '/api/webhooks/stripe');

    server.close();
    await once(server, 'close');
    expect(status).toBe(200);
  });
});
