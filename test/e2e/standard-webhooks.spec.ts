import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { createWebhookDecorator } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { OnStackAuthEvent, StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { createWebhookTester, stackAuthEvent } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

type EmailEvent = { type: 'email.sent'; data: { to: string } } | { type: 'email.bounced' };
const OnEmailEvent = createWebhookDecorator<EmailEvent>('mailer');

@Injectable()
class Recorder {
  readonly seen: string[] = [];
  readonly contexts: WebhookContext[] = [];

  @OnEmailEvent('email.sent')
  onSent({ data }: Extract<EmailEvent, { type: 'email.sent' }>, context: WebhookContext): void {
    this.seen.push(data.to);
    this.contexts.push(context);
  }

  @OnStackAuthEvent('user.deleted')
  onUserDeleted({ data }: { readonly data: { readonly id: string } }): void {
    this.seen.push(data.id);
  }
}

describe.each(ADAPTERS)('Standard Webhooks on %s', (adapter) => {
  let running: RunningApp;
  afterEach(() => running.close());

  async function start(of: Adapter): Promise<INestApplication> {
    running = await createApp({
      adapter: of,
      imports: [
        StandardWebhooksModule.forRoot({ name: 'mailer', secrets: SECRET }),
        StandardWebhooksModule.forRoot({ name: 'other', secrets: SECRET }),
        StackAuthWebhooksModule.forRoot({ secrets: SECRET }),
      ],
      providers: [Recorder],
    });
    return running.app;
  }

  it('run the handlers of their type once an id, which is the one of the header', async () => {
    const app = await start(adapter);
    const mailer = createWebhookTester(app).standardWebhooks('mailer');
    const event = { type: 'email.sent', data: { to: 'ada' } };

    const answers = [
      await mailer.send(event, { id: 'msg_1' }),
      await mailer.send(event, { id: 'msg_1' }),
      await mailer.send(event, { id: 'msg_2' }),
    ];

    const { seen, contexts } = app.get(Recorder);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(seen).toEqual(['ada', 'ada']);
    expect(contexts.map(({ eventId, source }) => [eventId, source])).toEqual([
      ['msg_1', 'mailer'],
      ['msg_2', 'mailer'],
    ]);
  });

  it('keep the ids of two senders apart', async () => {
    const app = await start(adapter);
    const tester = createWebhookTester(app);
    const event = { type: 'email.sent', data: { to: 'ada' } };

    const other = await tester.standardWebhooks('other').send(event, { id: 'msg_1' });
    const mailer = await tester.standardWebhooks('mailer').send(event, { id: 'msg_1' });

    expect(other).toMatchObject({ status: 200, deliveries: [] });
    expect(mailer).toMatchObject({ status: 200, deliveries: [{ status: 'succeeded' }] });
  });

  it('are refused when they are stale', async () => {
    const app = await start(adapter);
    const mailer = createWebhookTester(app).standardWebhooks('mailer');
    const timestamp = Math.floor(Date.now() / 1000) - 301;

    const { status, body } = await mailer.send({ type: 'email.sent' }, { timestamp });

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'timestamp_too_old' });
  });

  it('of Stack Auth have a decorator of their own', async () => {
    const app = await start(adapter);
    const stackAuth = createWebhookTester(app).standardWebhooks('stack-auth');

    const { status } = await stackAuth.send(stackAuthEvent('user.deleted', { id: 'user_1' }));

    expect(status).toBe(200);
    expect(app.get(Recorder).seen).toEqual(['user_1']);
  });
});
