import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WebhookConfigurationError, WebhookInbox } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { createAdapter, createApp, start } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { recordingLogger } from '../support/recording-logger.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

@Module({
  imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
  providers: [StripeRecorder],
})
class AppModule {}

const QUIET = { logger: false, abortOnError: false } as const;

const PAIRS = ADAPTERS.flatMap((first) => ADAPTERS.map((second) => [first, second] as const));

describe.each(PAIRS)('two applications in a process, on %s and %s', (first, second) => {
  it('of one module, started at once, share no event and no handler', async () => {
    const [one, other] = await Promise.all([boot(first), boot(second)]);
    const body = eventJson();
    const { id } = JSON.parse(body) as { id: string };

    const atOne = await post(one, body);
    const storedAtOther = await one.app.get(WebhookInbox).find('stripe', id);
    const unknownToOther = await other.app.get(WebhookInbox).find('stripe', id);
    const atOther = await post(other, body);
    await Promise.all([one.close(), other.close()]);

    expect([atOne, atOther]).toEqual([200, 200]);
    expect(storedAtOther).toMatchObject({ id });
    expect(unknownToOther).toBeUndefined();
    expect(one.app.get(StripeRecorder).contexts).toHaveLength(1);
    expect(other.app.get(StripeRecorder).contexts).toHaveLength(1);
  });

  it('of different modules have secrets and paths of their own under one name', async () => {
    const definition = (secrets: string, path: string) => ({
      imports: [StripeWebhooksModule.forRoot({ secrets, path })],
      providers: [StripeRecorder],
    });
    const [one, other] = await Promise.all([
      createApp({ adapter: first, ...definition('whsec_one', 'hooks/one') }),
      createApp({ adapter: second, ...definition('whsec_other', 'hooks/other') }),
    ]);

    const statuses = [
      await post(one, eventJson(), 'hooks/one', 'whsec_one'),
      await post(one, eventJson(), 'hooks/one', 'whsec_other'),
      await post(one, eventJson(), 'hooks/other', 'whsec_other'),
      await post(other, eventJson(), 'hooks/other', 'whsec_other'),
    ];
    await Promise.all([one.close(), other.close()]);

    expect(statuses).toEqual([200, 400, 404, 200]);
  });

  it('end apart: the second goes on when the first is closed, and a third may start', async () => {
    const one = await boot(first);
    const other = await boot(second);

    await one.close();
    const afterClose = await post(other, eventJson());
    const third = await boot(first);
    const atThird = await post(third, eventJson());
    await Promise.all([other.close(), third.close()]);

    expect([afterClose, atThird]).toEqual([200, 200]);
  });
});

describe.each(PAIRS)(
  'two applications of one module with paths of their own, on %s and %s',
  (first, second) => {
    /** Creates an application whose factory gives it the next path. */
    function createFactory() {
      const paths = ['hooks/one', 'other/hooks/one'];
      const useFactory = async () => ({ secrets: SECRET, path: paths.shift()! });
      class Module {}
      const module = {
        module: Module,
        imports: [StripeWebhooksModule.forRootAsync({ useFactory })],
        providers: [StripeRecorder],
      };
      return (adapter: Adapter) => NestFactory.create(module, createAdapter(adapter), QUIET);
    }

    it('work when each is initialised before the next is created', async () => {
      const create = createFactory();
      const one = await start(await create(first));
      const other = await start(await create(second));

      const statuses = [
        await post(one, eventJson(), 'hooks/one'),
        await post(one, eventJson(), 'other/hooks/one'),
        await post(other, eventJson(), 'other/hooks/one'),
      ];
      await Promise.all([one.close(), other.close()]);

      expect(statuses).toEqual([200, 404, 200]);
    });

    it('refuse to start the first when both are created before, and say why', async () => {
      const create = createFactory();
      const one = await create(first);
      const other = await create(second);

      const refused: unknown = await one.init().catch((error: unknown) => error);
      const running = await start(other);
      const status = await post(running, eventJson(), 'other/hooks/one');
      await Promise.all([one.close(), running.close()]);

      expect(refused).toBeInstanceOf(WebhookConfigurationError);
      expect((refused as Error).message).toContain(
        'got the route "/other/hooks/one", which belongs to another application made from the same module class. ' +
          'Call init() or listen() of the one before you create the other',
      );
      expect(status).toBe(200);
    });
  },
);

describe.each(ADAPTERS)('an application on %s', (adapter) => {
  it('says in one line for each endpoint where it is and what listens to it', async () => {
    const logger = recordingLogger();
    const running = await createApp({
      adapter,
      imports: [
        StripeWebhooksModule.forRoot({ secrets: SECRET }),
        StripeWebhooksModule.forRoot({
          name: 'connect',
          secrets: SECRET,
          path: ['Hooks/:tenant', 'hooks'],
        }),
        StripeWebhooksModule.forRoot({ name: 'none', secrets: SECRET, path: false }),
      ],
      providers: [StripeRecorder],
      options: { logger },
      configure: (app) => app.setGlobalPrefix('api'),
    });
    await running.close();

    const lines = logger.ofInbox('log').filter((line) => line.startsWith('Endpoint '));
    expect(lines).toEqual([
      'Endpoint "stripe" (POST /api/webhooks/stripe): * → StripeRecorder.record',
      'Endpoint "connect" (POST /api/Hooks/:tenant, POST /api/hooks): * → StripeRecorder.record',
      'Endpoint "none" (no route): * → StripeRecorder.record',
    ]);
  });
});

async function boot(adapter: Adapter): Promise<RunningApp> {
  return start(await NestFactory.create(AppModule, createAdapter(adapter), QUIET));
}

async function post(
  running: RunningApp,
  body: string,
  path = 'webhooks/stripe',
  secret = SECRET,
): Promise<number> {
  const headers = signedHeaders(body, { secret });
  return (await send(`${running.url}/${path}`, { headers, body })).status;
}
