import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import type { StandardWebhooksOptions } from '../../src/standard-webhooks/index.js';
import { createWebhookTester } from '../../src/testing/index.js';
import type { WebhookTesterEndpoint } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe.each(ADAPTERS)('The type of an event of Standard Webhooks on %s', (adapter) => {
  it.each([
    [undefined, { type: 'user.created', data: {} }],
    ['event_type', { event_type: 'user.created', type: 'other' }],
    ['event.name', { event: { name: 'user.created' } }],
    ['events.0.name', { events: [{ name: 'user.created' }] }],
  ])('is read at typePath %s', async (typePath, event) => {
    const { sender, types } = await start(adapter, typePath === undefined ? {} : { typePath });

    const { status, deliveries } = await sender.send(event);

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([{ handler: 'Users.onCreated', status: 'succeeded' }]);
    expect(types).toEqual(['user.created']);
  });

  it.each([
    ['is missing', {}],
    ['is no text', { event: { name: 5 } }],
    ['is an object', { event: { name: { name: 'user.created' } } }],
    ['is empty', { event: { name: '' } }],
    ['has two lines', { event: { name: 'user\ncreated' } }],
    ['has 256 characters', { event: { name: 'a'.repeat(256) } }],
    ['is behind no object', { event: 'name' }],
    ['is only inherited', { event: [] }],
    ['is in a list', [{ event: { name: 'user.created' } }]],
  ])('answers 400 and says where it was looked for when it %s', async (_what, event) => {
    const { sender, types } = await start(adapter, { typePath: 'event.name' });

    const { status, body } = await sender.send(event);

    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'event_malformed',
      message: expect.stringMatching(/"event\.name".*typePath/),
    });
    expect(types).toEqual([]);
  });

  it.each([
    'user.updated',
    'constructor',
    '__proto__',
    'toString',
    'user.created.',
    'USER.CREATED',
  ])('is answered 200 when no handler knows it: %s', async (type) => {
    const { sender, types } = await start(adapter, {});

    expect(await sender.send({ type })).toMatchObject({ status: 200, deliveries: [] });
    expect(types).toEqual([]);
  });

  it('is answered 400 without JSON around it', async () => {
    const { sender } = await start(adapter, {});

    const { status, body } = await sender.send('type=user.created');

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'body_not_json' });
  });
});

async function start(
  adapter: Adapter,
  options: Partial<StandardWebhooksOptions>,
): Promise<{ sender: WebhookTesterEndpoint; types: string[] }> {
  const types: string[] = [];

  @Injectable()
  class Users {
    @OnWebhook('clerk', 'user.created')
    onCreated(_event: unknown, { type }: WebhookContext): void {
      types.push(type);
    }
  }

  const { app } = await startWebhookApp({
    adapter,
    endpoints: [],
    imports: [StandardWebhooksModule.forRoot({ name: 'clerk', secrets: SECRET, ...options })],
    providers: [Users],
  });
  return { sender: createWebhookTester(app).standardWebhooks(), types };
}
