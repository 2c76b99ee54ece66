import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { ModuleMetadata } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { webhookEndpointToken } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhooksOptions } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { send } from '../support/send.js';
import { eventJson, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

@Injectable()
class SecretStore {
  secretOf(endpoint: string): string {
    return `whsec_${endpoint}`;
  }
}

@Module({ providers: [SecretStore], exports: [SecretStore] })
class SecretStoreModule {}

@Injectable()
class StripeOptionsFactory {
  async createWebhookOptions(): Promise<StripeWebhooksOptions> {
    await setImmediate();
    return { secrets: 'whsec_stripe' };
  }
}

@Module({ providers: [StripeOptionsFactory], exports: [StripeOptionsFactory] })
class StripeOptionsModule {}

/** Each gives an endpoint `stripe` at /webhooks/stripe with the secret `whsec_stripe`. */
const WAYS = [
  { way: 'forRoot', module: StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe' }) },
  {
    way: 'a factory',
    module: StripeWebhooksModule.forRootAsync({ useFactory: () => ({ secrets: 'whsec_stripe' }) }),
  },
  {
    way: 'a factory with a promise, inject and imports',
    module: StripeWebhooksModule.forRootAsync({
      imports: [SecretStoreModule],
      inject: [SecretStore],
      useFactory: async (store: SecretStore) => ({ secrets: store.secretOf('stripe') }),
    }),
  },
  { way: 'a class', module: StripeWebhooksModule.forRootAsync({ useClass: StripeOptionsFactory }) },
  {
    way: 'a provider that exists',
    module: StripeWebhooksModule.forRootAsync({
      imports: [StripeOptionsModule],
      useExisting: StripeOptionsFactory,
    }),
  },
];

describe.each(ADAPTERS)('endpoints on %s', (adapter) => {
  let running: RunningApp;

  afterEach(() => running.close());

  it.each(WAYS)('are configured by $way', async ({ module }) => {
    await boot([module]);

    const statuses = [
      await post('/webhooks/stripe', 'whsec_stripe'),
      await post('/webhooks/stripe', 'whsec_other'),
    ];

    expect(statuses).toEqual([200, 400]);
  });

  it('are several, in any mix, and the secret of one does not open another', async () => {
    const names = ['stripe', 'connect', 'sandbox'];
    await boot([
      StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe' }),
      StripeWebhooksModule.forRoot({ name: 'connect', secrets: 'whsec_connect' }),
      StripeWebhooksModule.forRootAsync({
        name: 'sandbox',
        imports: [SecretStoreModule],
        inject: [SecretStore],
        useFactory: (store: SecretStore) => ({ secrets: store.secretOf('sandbox') }),
      }),
    ]);

    for (const endpoint of names) {
      const statuses: number[] = [];
      for (const name of names) statuses.push(await post(`/webhooks/${endpoint}`, `whsec_${name}`));

      expect(statuses).toEqual(names.map((name) => (name === endpoint ? 200 : 400)));
    }
    const { contexts } = running.app.get(StripeRecorder);
    expect(contexts.map(({ endpoint }) => endpoint)).toEqual(names);
  });

  it.each(['', '/'])('may be at the global prefix itself, with the path "%s"', async (path) => {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe', path })],
      providers: [StripeRecorder],
      configure: (app) => app.setGlobalPrefix('api'),
    });

    expect(await post('/api', 'whsec_stripe')).toBe(200);
  });

  it('are in whichever module imports them', async () => {
    @Module({ imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_stripe' })] })
    class BillingModule {}
    @Module({
      imports: [StripeWebhooksModule.forRoot({ name: 'connect', secrets: 'whsec_connect' })],
    })
    class MarketplaceModule {}
    await boot([BillingModule, MarketplaceModule]);

    const statuses = [
      await post('/webhooks/stripe', 'whsec_stripe'),
      await post('/webhooks/connect', 'whsec_connect'),
    ];

    expect(statuses).toEqual([200, 200]);
  });

  it('have the path that is given, also where only the factory knows it', async () => {
    await boot([
      StripeWebhooksModule.forRoot({ secrets: 'whsec_a', path: 'hooks/:tenant/a' }),
      StripeWebhooksModule.forRootAsync({
        name: 'beside-the-factory',
        path: '/hooks/b',
        useFactory: () => ({ secrets: 'whsec_b' }),
      }),
      StripeWebhooksModule.forRootAsync({
        name: 'from-the-factory',
        path: 'hooks/overruled',
        useFactory: async () => ({ secrets: 'whsec_c', path: 'hooks/c' }),
      }),
    ]);

    const statuses = [
      await post('/hooks/tenant-1/a', 'whsec_a'),
      await post('/hooks/b', 'whsec_b'),
      await post('/hooks/c', 'whsec_c'),
      await post('/hooks/overruled', 'whsec_c'),
      await post('/webhooks/stripe', 'whsec_a'),
    ];

    expect(statuses).toEqual([200, 200, 200, 404, 404]);
  });

  it.each(['', '/', 'a.b', 'a~b', '$a', 'a&b', "a'b", 'a,b', 'a;b', 'a=b', 'a@b', 'A-b_1'])(
    'may be at "%s", and keep the bytes there',
    async (path) => {
      await boot([StripeWebhooksModule.forRoot({ secrets: 'whsec_a', path })]);

      expect(await post(`/${path}`.replace('//', '/'), 'whsec_a')).toBe(200);
    },
  );

  it('may have several paths, and keep the bytes on each', async () => {
    await boot([
      StripeWebhooksModule.forRootAsync({
        useFactory: () => ({ secrets: 'whsec_stripe', path: ['hooks/new', 'hooks/old'] }),
      }),
    ]);

    const statuses = [
      await post('/hooks/new', 'whsec_stripe'),
      await post('/hooks/old', 'whsec_stripe'),
    ];

    expect(statuses).toEqual([200, 200]);
    expect(running.app.get(webhookEndpointToken('stripe'), { strict: false })).toMatchObject({
      paths: ['hooks/new', 'hooks/old'],
    });
  });

  it('give what may be known of them by their token', async () => {
    await boot([
      StripeWebhooksModule.forRoot({ secrets: { current: 'whsec_a', previous: 'whsec_b' } }),
      StripeWebhooksModule.forRoot({
        name: 'sandbox',
        source: 'stripe-sandbox',
        secrets: 'whsec_c',
        path: false,
      }),
    ]);

    const infos = ['stripe', 'sandbox'].map((name): unknown =>
      running.app.get(webhookEndpointToken(name), { strict: false }),
    );

    expect(infos).toEqual([
      {
        name: 'stripe',
        source: 'stripe',
        paths: ['webhooks/stripe'],
        secretLabels: ['current', 'previous'],
      },
      { name: 'sandbox', source: 'stripe-sandbox', paths: [], secretLabels: ['default'] },
    ]);
  });

  async function boot(imports: NonNullable<ModuleMetadata['imports']>): Promise<void> {
    running = await createApp({ adapter, imports, providers: [StripeRecorder] });
  }

  async function post(path: string, secret: string): Promise<number> {
    const body = eventJson(',"amount": 5.0');
    return (await send(running.url + path, { headers: signedHeaders(body, { secret }), body }))
      .status;
  }
});
