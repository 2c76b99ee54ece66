import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { APP_GUARD } from '@nestjs/core';
import { SkipThrottle, ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

describe.each(ADAPTERS)('a throttler on %s', (adapter) => {
  let running: RunningApp;

  afterEach(() => running.close());

  it('counts each request once, and answers 429 without running a handler', async () => {
    await boot([]);

    const statuses = await sendEvents(4);

    expect(statuses).toEqual([200, 200, 429, 429]);
    expect(running.app.get(StripeRecorder).contexts).toHaveLength(2);
  });

  it('counts a refused request once too', async () => {
    await boot([]);

    const statuses = await sendEvents(3, 'whsec_of_a_stranger');

    expect(statuses).toEqual([400, 400, 429]);
  });

  it('leaves an endpoint alone that is decorated with SkipThrottle', async () => {
    await boot([SkipThrottle()]);

    const statuses = await sendEvents(4);

    expect(statuses).toEqual([200, 200, 200, 200]);
  });

  async function boot(decorators: ClassDecorator[]): Promise<void> {
    running = await createApp({
      adapter,
      imports: [
        ThrottlerModule.forRoot({ throttlers: [{ ttl: 60_000, limit: 2 }] }),
        StripeWebhooksModule.forRoot({ secrets: SECRET, decorators }),
      ],
      providers: [StripeRecorder, { provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
  }

  async function sendEvents(count: number, secret = SECRET): Promise<number[]> {
    const statuses: number[] = [];
    for (let sent = 0; sent < count; sent += 1) {
      const body = eventJson();
      const headers = signedHeaders(body, { secret });
      statuses.push((await send(`${running.url}/webhooks/stripe`, { headers, body })).status);
    }
    return statuses;
  }
});
