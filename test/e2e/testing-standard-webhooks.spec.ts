import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { OnWebhook, WebhookConfigurationError } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { createWebhookTester, stackAuthEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { ED25519_VECTOR } from '../support/standard-webhooks-vectors.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const CLERK = StandardWebhooksModule.forRootAsync({
  name: 'clerk',
  useFactory: () => ({ secrets: { current: SECRET, previous: `whsec_${'A'.repeat(32)}` } }),
});

@Injectable()
class Recorder {
  readonly contexts: WebhookContext[] = [];

  @OnWebhook('clerk', '*')
  record(_event: unknown, context: WebhookContext): void {
    this.contexts.push(context);
  }
}

describe.each(ADAPTERS)('tester.standardWebhooks() on %s', (adapter) => {
  it('sends to the only endpoint there is, with a new id for each event', async () => {
    const { tester, contexts } = await start(adapter, CLERK);
    const event = { type: 'user.created' };

    await tester.standardWebhooks().send(event);
    await tester.standardWebhooks().send(event);
    await tester.standardWebhooks().send({ ...event });
    await tester.standardWebhooks().send(JSON.stringify(event));

    const ids = contexts().map(({ eventId }) => eventId);
    expect(ids).toEqual(Array(3).fill(expect.stringMatching(/^msg_/)));
    expect(new Set(ids).size).toBe(3);
  });

  it('takes id, headers, label and letters of the headers as they are given', async () => {
    const { tester, contexts } = await start(adapter, CLERK);

    const answer = await tester
      .standardWebhooks('clerk')
      .send(
        { type: 'user.created' },
        { id: 'msg_1', svix: true, secretLabel: 'previous', headers: { 'User-Agent': 'Svix' } },
      );

    expect(answer).toMatchObject({ status: 200, deliveries: [{ status: 'succeeded' }] });
    expect(contexts()).toMatchObject([
      {
        eventId: 'msg_1',
        secretLabel: 'previous',
        headers: { 'svix-id': 'msg_1', 'user-agent': 'Svix' },
      },
    ]);
    expect(contexts()[0]!.headers).not.toHaveProperty('webhook-id');
  });

  it('asks which endpoint is meant where there are several, or none', async () => {
    const { tester } = await start(
      adapter,
      CLERK,
      StackAuthWebhooksModule.forRoot({ secrets: SECRET }),
    );

    const sent = tester.standardWebhooks().send({ type: 'user.created' });

    await expect(sent).rejects.toThrow(WebhookConfigurationError);
    await expect(sent).rejects.toThrow('needs the name of an endpoint');
    await expect(sent).rejects.toThrow('clerk, stack-auth');
  });

  it('says of another endpoint which ones there are', async () => {
    const { tester } = await start(adapter, CLERK);

    const sent = tester.stackAuth().send(stackAuthEvent('team.deleted'));

    await expect(sent).rejects.toThrow('named "stack-auth". Configured are: "clerk"');
  });

  it('says how to sign for an endpoint that has only a public key', async () => {
    const { tester } = await start(
      adapter,
      StandardWebhooksModule.forRoot({ name: 'clerk', secrets: ED25519_VECTOR.secret }),
    );

    const sent = tester.standardWebhooks().send({ type: 'user.created' });

    await expect(sent).rejects.toThrow(/"default" is a public key.*signStandardWebhook/);
  });
});

async function start(adapter: Adapter, ...imports: readonly DynamicModule[]) {
  const { app } = await startWebhookApp({
    adapter,
    endpoints: [],
    imports: [...imports],
    providers: [Recorder],
  });
  return { tester: createWebhookTester(app), contexts: () => app.get(Recorder).contexts };
}
