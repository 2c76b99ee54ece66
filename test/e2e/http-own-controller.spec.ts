import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import type Stripe from 'stripe';
import { VerifiedEvent, VerifyWebhook, WebhookInbox } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhooksOptions } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import type { RunningApp } from '../support/create-app.js';
import { recordingLogger } from '../support/recording-logger.js';
import { send } from '../support/send.js';
import { eventJson, SECRET, signedHeaders, StripeRecorder } from '../support/stripe-recorder.js';

@Controller('own')
class OwnController {
  @Post('stripe')
  @HttpCode(202)
  @VerifyWebhook('stripe')
  receive(@VerifiedEvent() event: Stripe.Event) {
    return { type: event.type, amount: (event as { amount?: number }).amount };
  }

  @Post('tenants/:tenant/stripe')
  @VerifyWebhook('stripe')
  receiveForTenant(@VerifiedEvent() event: Stripe.Event, @Param('tenant') tenant: string) {
    return { id: event.id, tenant };
  }

  @Post('unverified')
  receiveUnverified(@VerifiedEvent() event: Stripe.Event) {
    return event;
  }
}

@Controller('unknown')
class UnknownEndpointController {
  @Post()
  @VerifyWebhook('strip')
  receive() {}
}

describe.each(ADAPTERS)('a controller of the own with @VerifyWebhook on %s', (adapter) => {
  const logger = recordingLogger();
  let running: RunningApp;

  afterEach(() => running.close());

  it('gets the verified payload, and neither runs handlers nor stores', async () => {
    await boot({ path: false });
    const body = eventJson(',"amount": 5.0');

    const answer = await post('/own/stripe', body);

    const { id } = JSON.parse(body) as { id: string };
    expect(answer).toMatchObject({ status: 202, body: { type: 'invoice.paid', amount: 5 } });
    expect(running.app.get(StripeRecorder).contexts).toEqual([]);
    expect(await running.app.get(WebhookInbox).find('stripe', id)).toBeUndefined();
  });

  it.each([
    { what: 'forged', headers: signedHeaders('other'), status: 400, code: 'signature_mismatch' },
    { what: 'unsigned', headers: {}, status: 400, code: 'signature_missing' },
  ])('refuses what is $what', async ({ headers, status, code }) => {
    await boot({ path: false });

    const answer = await post('/own/stripe', eventJson(), headers);

    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ statusCode: status, code, message: expect.any(String) });
  });

  it("has the endpoint's limit and its inflating of bodies", async () => {
    await boot({ path: false, maxBodyBytes: 100 });
    const body = eventJson(`,"filler":"${'x'.repeat(100)}"`);

    const answer = await post('/own/stripe', body);

    expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });

  it('has the bytes on a route with a parameter, and under a global prefix', async () => {
    await boot({ path: false }, [OwnController], (app) => app.setGlobalPrefix('api'));
    const body = eventJson(',"amount": 5.0');

    const answer = await post('/api/own/tenants/T-1/stripe', body);

    const { id } = JSON.parse(body) as { id: string };
    expect(answer).toMatchObject({ status: 201, body: { id, tenant: 'T-1' } });
  });

  it('stands beside the route of the endpoint', async () => {
    await boot({});

    const own = await post('/own/stripe', eventJson());
    const generated = await post('/webhooks/stripe', eventJson());

    expect([own.status, generated.status]).toEqual([202, 200]);
    expect(running.app.get(StripeRecorder).contexts).toHaveLength(1);
  });

  it('is the only route with path: false', async () => {
    await boot({ path: false });

    const answer = await post('/webhooks/stripe', eventJson());

    expect(answer.status).toBe(404);
  });

  it('answers 500 where @VerifiedEvent() stands alone, and the log says what is missing', async () => {
    await boot({ path: false });

    const answer = await post('/own/unverified', eventJson());

    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(logger.lines.at(-1)!.text).toContain(
      '@VerifiedEvent() in OwnController.receiveUnverified found no verified event. ' +
        'Put @VerifyWebhook(endpoint) on the method.',
    );
  });

  async function boot(
    options: Partial<StripeWebhooksOptions>,
    controllers: Type[] = [OwnController],
    configure?: (app: INestApplication) => unknown,
  ): Promise<void> {
    running = await createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET, ...options })],
      controllers,
      providers: [StripeRecorder],
      options: { logger },
      configure,
    });
  }

  function post(path: string, body: string, headers: object = signedHeaders(body)) {
    return send(running.url + path, { headers: { ...headers }, body });
  }
});

describe.each(ADAPTERS)('@VerifyWebhook with a name that is not configured on %s', (adapter) => {
  it('refuses to start and says which names there are', async () => {
    const starting = createApp({
      adapter,
      imports: [StripeWebhooksModule.forRoot({ secrets: SECRET })],
      controllers: [UnknownEndpointController],
    });

    await expect(starting).rejects.toThrow(
      'There is no webhook endpoint named "strip". Configured are: "stripe".',
    );
  });
});
