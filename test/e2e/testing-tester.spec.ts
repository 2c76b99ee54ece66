import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Post } from '@nestjs/common';
import { OnWebhook, VerifyWebhook, WebhookConfigurationError } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { createWebhookTester, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Recorder {
  readonly contexts: WebhookContext[] = [];

  @OnWebhook(['stripe'], '*')
  record(_event: object, context: WebhookContext): void {
    this.contexts.push(context);
  }
}

describe.each(ADAPTERS)('createWebhookTester on %s', (adapter) => {
  it('sends an object as JSON, signed, and gives status, body and deliveries', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });
    const event = stripeEvent('invoice.paid', { object: { customer: 'cus_Zoë' } });

    const answer = await stripe().send(event);

    expect(answer).toEqual({
      status: 200,
      body: { received: true },
      eventId: event.id,
      deliveries: [
        { handler: 'Recorder.record', endpoint: 'stripe', status: 'succeeded', attempts: 1 },
      ],
    });
    expect(app.get(Recorder).contexts[0]).toMatchObject({
      eventId: event.id,
      secretLabel: 'default',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
  });

  it.each<[string, string | Uint8Array]>([
    ['a string', '{ "id": "evt_1",\n "type": "invoice.paid", "amount": 5.0 }'],
    ['bytes', Buffer.from('\t{"id":"evt_1","type":"invoice.paid","name":"Zoë"}\n')],
  ])('sends %s byte for byte', async (_name, body) => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });

    const { status } = await stripe().send(body);

    expect(status).toBe(200);
    expect(app.get(Recorder).contexts[0]?.rawBody).toEqual(Buffer.from(body));
  });

  it('signs with the secret of the label that is given, or the first', async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ secrets: { current: 'whsec_new', previous: 'whsec_old' } }],
      providers: [Recorder],
    });

    await stripe().send(stripeEvent('invoice.paid'), { secretLabel: 'previous' });
    await stripe().send(stripeEvent('invoice.paid'));

    expect(app.get(Recorder).contexts.map(({ secretLabel }) => secretLabel)).toEqual([
      'previous',
      'current',
    ]);
  });

  it('says which labels there are when it is given another', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{ secrets: { current: 'whsec_new', previous: 'whsec_old' } }],
    });

    const sent = stripe().send(stripeEvent('invoice.paid'), { secretLabel: 'older' });

    await expect(sent).rejects.toThrow('no secret "older", but: current, previous');
  });

  it.each([
    ['timestamp_too_old', -301],
    ['timestamp_in_future', 301],
  ])('signs for the time that is given, so that it is refused with %s', async (code, offset) => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Recorder] });
    const timestamp = Math.floor(Date.now() / 1000) + offset + Math.sign(offset) * 60;

    const answer = await stripe().send(stripeEvent('invoice.paid'), { timestamp });

    expect(answer).toMatchObject({ status: 400, body: { statusCode: 400, code }, deliveries: [] });
    expect(app.get(Recorder).contexts).toEqual([]);
  });

  it("gives no deliveries for a request that was refused, not even a former one's", async () => {
    const { stripe } = await startWebhookApp({ adapter, providers: [Recorder] });
    const event = stripeEvent('invoice.paid');
    await stripe().send(event);

    const forged = { headers: { 'stripe-signature': 't=1,v1=00' } };
    const { status, deliveries } = await stripe().send(event, forged);

    expect(status).toBe(400);
    expect(deliveries).toEqual([]);
  });

  it("uses each endpoint's own secret and route", async () => {
    const { app, stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'connect', path: 'hooks/connect', secrets: 'whsec_other' }],
      providers: [Recorder],
    });

    const own = await stripe().send(stripeEvent('invoice.paid'));
    const connect = await stripe('connect').send(stripeEvent('invoice.paid'));

    expect([own.status, connect.status]).toEqual([200, 200]);
    expect(connect.deliveries).toEqual([]);
    expect(app.get(Recorder).contexts.map(({ endpoint }) => endpoint)).toEqual(['stripe']);
  });

  it('finds the route under a global prefix', async () => {
    const { app, stripe } = await buildWebhookApp({ adapter, providers: [Recorder] });
    app.setGlobalPrefix('api/v1');

    const { status } = await stripe().send(stripeEvent('invoice.paid'));
    await app.close();

    expect(status).toBe(200);
  });

  it('makes an application listen that does not yet, once for all that is sent', async () => {
    const { app } = await buildWebhookApp({ adapter, providers: [Recorder] });

    const answers = await Promise.all([
      createWebhookTester(app).stripe().send(stripeEvent('invoice.paid')),
      createWebhookTester(app).stripe().send(stripeEvent('invoice.paid')),
    ]);
    await app.close();

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(app.getHttpServer().listening).toBe(false);
  });

  it('sends to the generated route, whatever other routes the endpoint protects', async () => {
    @Controller()
    class OwnController {
      @Post('own')
      @VerifyWebhook('stripe')
      own(): void {}
    }
    const { stripe } = await startWebhookApp({
      adapter,
      controllers: [OwnController],
      providers: [Recorder],
    });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(deliveries).toMatchObject([{ handler: 'Recorder.record', status: 'succeeded' }]);
  });

  it('rejects an endpoint that is not configured, and one that has no route', async () => {
    const { stripe } = await startWebhookApp({ adapter, endpoints: [{ path: false }] });

    const unknown = stripe('clerk').send(stripeEvent('invoice.paid'));
    const routeless = stripe().send(stripeEvent('invoice.paid'));

    await expect(unknown).rejects.toThrow('There is no webhook endpoint named "clerk"');
    await expect(routeless).rejects.toBeInstanceOf(WebhookConfigurationError);
    await expect(routeless).rejects.toThrow("no method has @VerifyWebhook('stripe')");
  });
});
