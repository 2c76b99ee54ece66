import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Provider } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { inspect } from 'node:util';
import { webhookEndpointToken } from '../../src/index.js';
import { ENDPOINT_OPTIONS } from '../../src/endpoints/create-endpoint-module.js';
import { WebhookEndpointRegistry } from '../../src/endpoints/webhook-endpoint.registry.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { recordingLogger } from '../support/recording-logger.js';
import { send } from '../support/send.js';
import { eventJson, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

const SECRET = 'whsec_never_to_be_seen';

describe.each(ADAPTERS)('the secrets of an endpoint on %s', (adapter) => {
  const logger = recordingLogger();
  let running: RunningApp;

  beforeEach(async () => {
    running = await createApp({
      adapter,
      imports: [
        DiscoveryModule,
        StripeWebhooksModule.forRoot({ secrets: { current: SECRET } }),
        StripeWebhooksModule.forRootAsync({
          name: 'connect',
          useFactory: () => ({ secrets: [SECRET] }),
        }),
      ],
      providers: [StripeRecorder],
      options: { logger },
    });
    const body = eventJson();
    const headers = signedHeaders(body, { secret: SECRET });
    await send(`${running.url}/webhooks/stripe`, { headers, body });
  });
  afterEach(() => running.close());

  it.each(['stripe', 'connect'])('do not show in what the token of "%s" gives', (name) => {
    const info: unknown = running.app.get(webhookEndpointToken(name), { strict: false });

    expect(shownBy(info)).not.toContain('never_to_be_seen');
    expect(JSON.stringify(info)).toContain('"secretLabels"');
  });

  it.each(['stripe', 'connect'])('do not show in the endpoint "%s" itself', (name) => {
    const endpoint = running.app.get(WebhookEndpointRegistry, { strict: false }).get(name);

    expect(shownBy(endpoint)).not.toContain('never_to_be_seen');
    expect(JSON.stringify(endpoint)).not.toContain('never_to_be_seen');
  });

  it('do not show in the context of a handler', () => {
    const [context] = running.app.get(StripeRecorder).contexts;

    expect(context!.secretLabel).toBe('current');
    expect(shownBy(context)).not.toContain('never_to_be_seen');
    expect(JSON.stringify(context)).not.toContain('never_to_be_seen');
  });

  it('show in no provider or controller', () => {
    const discovery = running.app.get(DiscoveryService, { strict: false });

    const showing = [...discovery.getProviders(), ...discovery.getControllers()]
      .filter(({ instance }) => shownBy(instance).includes('never_to_be_seen'))
      .map(({ token }) => token);

    expect(showing).toEqual([]);
  });

  it('cannot be injected outside of the module of the endpoint', async () => {
    const curious: Provider = {
      provide: 'curious',
      inject: [ENDPOINT_OPTIONS],
      useFactory: (options: unknown) => options,
    };

    const starting = createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      providers: [curious],
    });

    await expect(starting).rejects.toThrow(/can't resolve dependencies of the curious/);
  });

  it('do not show in the log of the start', () => {
    const log = logger.lines.map(({ text }) => text).join('\n');

    expect(log).toContain('Endpoint "stripe"');
    expect(log).not.toContain('never_to_be_seen');
  });
});

/** Whatever a debugger, a log or an error reporter would print of it. */
function shownBy(value: unknown): string {
  return inspect(value, { depth: 4, showHidden: true });
}
