import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  MalformedEventError,
  OnWebhook,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { createWebhookTester, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const EVENT = { type: 'user.created', data: { name: 'Zoë' } };

@Injectable()
class Users {
  readonly seen: [unknown, WebhookContext][] = [];

  @OnWebhook('clerk', 'user.created')
  onCreated(event: unknown, context: WebhookContext): void {
    this.seen.push([event, context]);
  }
}

const CIRCULAR: Record<string, unknown> = { ...EVENT };
CIRCULAR.self = CIRCULAR;

describe.each(ADAPTERS)('receive() for Standard Webhooks beside %s', (adapter) => {
  it.each<[string, unknown]>([
    ['an object', EVENT],
    ['JSON', JSON.stringify(EVENT)],
    ['bytes', Buffer.from(JSON.stringify(EVENT))],
  ])('runs the handlers of %s under the id that is given', async (_what, event) => {
    const { admin, seen } = await start(adapter);

    const stored = await admin.receive({ endpoint: 'clerk', event, id: 'msg_1' });

    expect(stored).toMatchObject({ source: 'clerk', id: 'msg_1', type: 'user.created' });
    expect(seen).toMatchObject([
      [EVENT, { eventId: 'msg_1', arrivedBy: 'receive', secretLabel: undefined }],
    ]);
  });

  it('takes it for the event that came by HTTP when the id is the same', async () => {
    const { app, admin, seen } = await start(adapter);

    await createWebhookTester(app).standardWebhooks('clerk').send(EVENT, { id: 'msg_1' });
    await admin.receive({ endpoint: 'clerk', event: EVENT, id: 'msg_1' });
    await admin.receive({ endpoint: 'clerk', event: EVENT, id: 'msg_2' });

    expect(seen.map(([, { eventId, arrivedBy }]) => [eventId, arrivedBy])).toEqual([
      ['msg_1', 'http'],
      ['msg_2', 'receive'],
    ]);
  });

  it('asks for the id when there is none', async () => {
    const { admin, seen } = await start(adapter);

    const received = admin.receive({ endpoint: 'clerk', event: EVENT });

    await expect(received).rejects.toThrow(MalformedEventError);
    await expect(received).rejects.toThrow('receive({ endpoint, event, id })');
    expect(seen).toEqual([]);
  });

  it.each(['', 'msg\n1', 'a'.repeat(256), 5 as unknown as string])(
    'refuses what is no id: %j',
    async (id) => {
      const { admin, seen } = await start(adapter);

      await expect(admin.receive({ endpoint: 'clerk', event: EVENT, id })).rejects.toThrow(
        'The id is not one line of 1 to 255 characters',
      );
      expect(seen).toEqual([]);
    },
  );

  it.each<[string, unknown]>([
    ['a number', 5],
    ['nothing', undefined],
    ['null', null],
    ['text', 'user.created'],
    ['an object without a type', { data: {} }],
    ['an object that contains itself', CIRCULAR],
  ])('refuses what is no event: %s', async (_what, event) => {
    const { admin, seen } = await start(adapter);

    await expect(admin.receive({ endpoint: 'clerk', event, id: 'msg_1' })).rejects.toThrow(
      MalformedEventError,
    );
    expect(seen).toEqual([]);
  });

  it("takes for Stripe's events only the id that is in them", async () => {
    const { app, admin } = await start(adapter);
    const event = stripeEvent('invoice.paid', { id: 'evt_1' });

    await admin.receive({ endpoint: 'stripe', event, id: 'evt_1' });
    const received = admin.receive({ endpoint: 'stripe', event, id: 'evt_2' });

    await expect(received).rejects.toThrow('is not the id that is in the event');
    expect(await app.get(WebhookInbox).find('stripe', 'evt_1')).toBeDefined();
    expect(await app.get(WebhookInbox).find('stripe', 'evt_2')).toBeUndefined();
  });
});

async function start(adapter: Adapter) {
  const { app } = await startWebhookApp({
    adapter,
    imports: [StandardWebhooksModule.forRoot({ name: 'clerk', secrets: SECRET })],
    providers: [Users],
  });
  return { app, admin: app.get(WebhookInboxAdmin), seen: app.get(Users).seen };
}
