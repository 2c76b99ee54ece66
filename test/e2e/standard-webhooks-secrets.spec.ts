import 'reflect-metadata';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { WebhookEndpointRegistry } from '../../src/endpoints/webhook-endpoint.registry.js';
import { StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

const KEY = Buffer.from('a key that nobody ever gets to see');
const SECRET = `whsec_${KEY.toString('base64')}`;
/** The key as text, in base64, and in hex as `inspect` shows the bytes of a buffer. */
const SHAPES = [
  'nobody ever gets to see',
  SECRET.slice('whsec_'.length),
  KEY.toString('hex', 0, 8).replace(/..(?!$)/g, '$& '),
];

describe.each(ADAPTERS)('The keys of Standard Webhooks on %s', (adapter) => {
  it.each(['own', 'stack-auth'])('do not show in the endpoint "%s"', async (name) => {
    const app = await start(adapter);

    const shown = shownBy(app.get(WebhookEndpointRegistry, { strict: false }).get(name));

    expect(shown).toContain("secretLabels: [ 'current'");
    expect(SHAPES.filter((shape) => shown.includes(shape))).toEqual([]);
  });

  it('show in no provider or controller', async () => {
    const discovery = (await start(adapter)).get(DiscoveryService, { strict: false });

    const shown = [...discovery.getProviders(), ...discovery.getControllers()].map(
      ({ token, instance }) => [token, shownBy(instance)] as const,
    );

    expect(shown.length).toBeGreaterThan(10);
    expect(shown.filter(([, text]) => SHAPES.some((shape) => text.includes(shape)))).toEqual([]);
  });
});

async function start(adapter: Adapter) {
  const { app } = await startWebhookApp({
    adapter,
    endpoints: [],
    imports: [
      DiscoveryModule,
      StandardWebhooksModule.forRoot({ name: 'own', secrets: { current: SECRET } }),
      StackAuthWebhooksModule.forRootAsync({
        useFactory: () => ({ secrets: { current: SECRET } }),
      }),
    ],
  });
  return app;
}

/** Whatever a debugger, a log or an error reporter would print of it. */
function shownBy(value: unknown): string {
  return inspect(value, { depth: 4, showHidden: true });
}
