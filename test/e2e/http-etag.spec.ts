import 'reflect-metadata';
import { expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Controller, HttpCode, Post } from '@nestjs/common';
import { signStripe, stripeEvent } from '../../src/testing/index.js';
import { buildWebhookApp } from '../support/build-webhook-app.js';
import { send } from '../support/send.js';

@Controller('same-body')
class SameBodyController {
  @Post()
  @HttpCode(200)
  answer() {
    return { received: true };
  }
}

async function etags(app: INestApplication) {
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const body = JSON.stringify(stripeEvent('invoice.paid'));
  const headers = { 'stripe-signature': signStripe({ body, secret: 'whsec_stripe' }) };
  const webhook = await send(`${url}/webhooks/stripe`, { headers, body });
  const other = await send(`${url}/same-body`);
  await app.close();
  expect([webhook.status, webhook.body]).toEqual([other.status, other.body]);
  return { webhook: webhook.headers.etag, other: other.headers.etag };
}

it.each([
  ['by default', undefined],
  ['when they are strong', 'strong'],
  ['when they are off', false],
] as const)('an answer has the ETag that Express gives the same body, %s', async (_, setting) => {
  const { app } = await buildWebhookApp({
    adapter: 'express',
    controllers: [SameBodyController],
  });
  if (setting !== undefined) app.getHttpAdapter().getInstance().set('etag', setting);

  const { webhook, other } = await etags(app);

  expect(webhook).toBe(other);
});

it('an answer has no ETag on Fastify', async () => {
  const { app } = await buildWebhookApp({ adapter: 'fastify', controllers: [SameBodyController] });

  expect(await etags(app)).toEqual({ webhook: undefined, other: undefined });
});
