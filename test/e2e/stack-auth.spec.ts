import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { WebhookContext } from '../../src/index.js';
import { OnStackAuthEvent, StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import type {
  StackAuthEvent,
  StackAuthEventType,
  StackAuthUserCreatedEvent,
  StackAuthWebhooksOptions,
} from '../../src/stack-auth/index.js';
import { createWebhookTester, stackAuthEvent } from '../../src/testing/index.js';
import type { WebhookTester } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const TYPES: readonly StackAuthEventType[] = [
  'user.created',
  'user.updated',
  'user.deleted',
  'team.created',
  'team.updated',
  'team.deleted',
  'team_membership.created',
  'team_membership.deleted',
  'team_permission.created',
  'team_permission.deleted',
  'project_permission.created',
  'project_permission.deleted',
];

@Injectable()
class Mirror {
  readonly events: [StackAuthEvent, WebhookContext][] = [];
  readonly addresses: (string | null)[] = [];

  @OnStackAuthEvent('*')
  all(event: StackAuthEvent, context: WebhookContext): void {
    this.events.push([event, context]);
  }

  @OnStackAuthEvent('user.created')
  created({ data }: StackAuthUserCreatedEvent): void {
    this.addresses.push(data.primary_email);
  }
}

@Injectable()
class Options {
  createWebhookOptions(): StackAuthWebhooksOptions {
    return { secrets: SECRET };
  }
}

@Module({ providers: [Options], exports: [Options] })
class OptionsModule {}

const CONFIGURATIONS: readonly [string, () => DynamicModule][] = [
  ['forRoot', () => StackAuthWebhooksModule.forRoot({ secrets: SECRET })],
  [
    'a factory',
    () =>
      StackAuthWebhooksModule.forRootAsync({
        imports: [OptionsModule],
        inject: [Options],
        useFactory: async (options: Options) => options.createWebhookOptions(),
      }),
  ],
  ['a class', () => StackAuthWebhooksModule.forRootAsync({ useClass: Options })],
  [
    'an existing provider',
    () => StackAuthWebhooksModule.forRootAsync({ imports: [OptionsModule], useExisting: Options }),
  ],
];

describe.each(ADAPTERS)('Stack Auth on %s', (adapter) => {
  it.each(CONFIGURATIONS)(
    'sends to /webhooks/stack-auth, configured by %s',
    async (_by, module) => {
      const { tester, mirror } = await start(adapter, module());

      const { status, deliveries } = await tester
        .stackAuth()
        .send(stackAuthEvent('user.created', { primary_email: 'ada@example.com' }), {
          id: 'msg_1',
        });

      expect(status).toBe(200);
      expect(deliveries).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
      expect(mirror.addresses).toEqual(['ada@example.com']);
      expect(mirror.events).toMatchObject([
        [
          {},
          {
            endpoint: 'stack-auth',
            source: 'stack-auth',
            eventId: 'msg_1',
            headers: { 'svix-id': 'msg_1' },
          },
        ],
      ]);
    },
  );

  it.each(TYPES)('gives a handler the %s event as it was sent', async (type) => {
    const { tester, mirror } = await start(adapter);
    const event = stackAuthEvent(type);

    await tester.stackAuth().send(event);

    expect(mirror.events.map(([seen]) => seen)).toEqual([event]);
  });

  it('is answered 200 for a type that this version does not know', async () => {
    const { tester, mirror } = await start(adapter);

    const { status, deliveries } = await tester
      .stackAuth()
      .send({ type: 'session.created', data: {} });

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([{ handler: 'Mirror.all', status: 'succeeded' }]);
    expect(mirror.addresses).toEqual([]);
  });

  it('has an endpoint, and ids, of its own for each project', async () => {
    const { tester, mirror } = await start(
      adapter,
      StackAuthWebhooksModule.forRoot({ secrets: SECRET }),
      StackAuthWebhooksModule.forRoot({ name: 'stack-eu', secrets: SECRET }),
    );
    const event = stackAuthEvent('team.created');

    await tester.stackAuth().send(event);
    await tester.stackAuth().send(event);
    await tester.stackAuth('stack-eu').send(event);

    expect(mirror.events.map(([, { source }]) => source)).toEqual(['stack-auth', 'stack-eu']);
  });
});

async function start(
  adapter: Adapter,
  ...modules: readonly DynamicModule[]
): Promise<{ tester: WebhookTester; mirror: Mirror }> {
  const { app } = await startWebhookApp({
    adapter,
    endpoints: [],
    imports:
      modules.length > 0 ? [...modules] : [StackAuthWebhooksModule.forRoot({ secrets: SECRET })],
    providers: [Mirror],
  });
  return { tester: createWebhookTester(app), mirror: app.get(Mirror) };
}
