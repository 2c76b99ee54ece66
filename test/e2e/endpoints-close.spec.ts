import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

describe.each(ADAPTERS)('closing an application on %s', (adapter) => {
  it('leaves no server and no timer, also when it is closed twice', async () => {
    const before = await openResources();

    const running = await boot(adapter);
    const status = await post(running);
    const during = await openResources();
    await running.close();
    await running.close();

    expect(status).toBe(200);
    expect(during.servers).toBe(before.servers + 1);
    expect(await openResources()).toEqual(before);
  });

  it('leaves nothing when it is closed at once', async () => {
    const before = await openResources();

    await (await boot(adapter)).close();

    expect(await openResources()).toEqual(before);
  });

  it('may be followed by another start', async () => {
    await (await boot(adapter)).close();

    const running = await boot(adapter);
    const status = await post(running);
    await running.close();

    expect(status).toBe(200);
  });
});

function boot(adapter: Adapter): Promise<RunningApp> {
  return createApp({
    adapter,
    imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
    providers: [StripeRecorder],
  });
}

async function post({ url }: RunningApp): Promise<number> {
  const body = eventJson();
  return (await send(`${url}/webhooks/stripe`, { headers: signedHeaders(body), body })).status;
}

/** What keeps the process alive: listening servers and timers. */
async function openResources(): Promise<{ servers: number; timers: number }> {
  // A closed handle is given back in the turn of the event loop after its callback.
  await setImmediate();
  await setImmediate();
  const resources = process.getActiveResourcesInfo();
  return {
    servers: resources.filter((type) => type === 'TCPServerWrap').length,
    timers: resources.filter((type) => type === 'Timeout').length,
  };
}
