import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook, RetryAfterError, WEBHOOK_INBOX_ENGINE } from '../../src/index.js';
import type { WebhookContext, WebhookEngine } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { createTestSchema } from './test-schema.js';

const FAR = 8.64e15 / 2;

@Injectable()
class Impatient {
  readonly ran = deferred<number>();

  @OnWebhook('stripe', '*', { id: 'impatient' })
  run(_event: unknown, { attempt }: WebhookContext): void {
    if (attempt === 1) throw new RetryAfterError(new Date(-FAR));
    if (attempt === 2) throw new RetryAfterError(-FAR);
    this.ran.resolve(attempt);
  }
}

describe.each(ADAPTERS)(
  'a handler on PostgreSQL that asks for a time long ago, with %s,',
  (adapter) => {
    it('is run again at once, though the database has no such time', async () => {
      const inbox = { engine: postgresEngine(createTestSchema()) };
      const { app, stripe } = await startWebhookApp({ adapter, providers: [Impatient], inbox });
      const { id } = stripeEvent('invoice.paid');

      await stripe().send({ ...stripeEvent('invoice.paid'), id });

      expect(await app.get(Impatient).ran.promise).toBe(3);
      const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE);
      expect((await engine.attempted({ source: 'stripe', id }))?.deliveries).toMatchObject([
        { status: 'succeeded', attempts: 3 },
      ]);
    });
  },
);
