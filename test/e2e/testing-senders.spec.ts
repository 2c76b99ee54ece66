import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import type { WebhookContext } from '../../src/index.js';
import { StackAuthWebhooksModule } from '../../src/stack-auth/index.js';
import { StandardWebhooksModule } from '../../src/standard-webhooks/index.js';
import { createWebhookTester, manualClock, signStripe } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';

@Injectable()
class Recorder {
  readonly contexts: WebhookContext[] = [];
  readonly payloads: unknown[] = [];

  @OnWebhook(['stripe', 'stack-auth', 'clerk'], '*')
  record(payload: object, context: WebhookContext): void {
    this.payloads.push(payload);
    this.contexts.push(context);
  }
}

const STANDARD_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const start = (options: Pick<WebhookAppOptions, 'adapter' | 'clock'>) =>
  startWebhookApp({
    ...options,
    endpoints: [{ secrets: { current: 'whsec_new', previous: 'whsec_old' } }],
    imports: [
      StackAuthWebhooksModule.forRoot({ secrets: STANDARD_SECRET }),
      StandardWebhooksModule.forRoot({ name: 'clerk', secrets: STANDARD_SECRET }),
    ],
    providers: [Recorder],
  });

describe.each(ADAPTERS)('what a tester sends on %s', (adapter) => {
  it('builds and sends snapshot events, notifications and events of Stack Auth in one call', async () => {
    const { app, tester } = await start({ adapter });

    const answers = [
      await tester.stripe().event('invoice.paid', { object: { amount_paid: 500 } }),
      await tester.stripe().notification('v1.customer.created', { context: 'acct_1' }),
      await tester.stackAuth().event('user.created', { primary_email: 'ada@example.com' }),
    ];

    expect(answers.map(({ status, eventId }) => [status, eventId])).toEqual([
      [200, 'evt_1'],
      [200, 'evt_2'],
      [200, 'msg_1'],
    ]);
    expect(app.get(Recorder).payloads).toMatchObject([
      { object: 'event', data: { object: { id: 'invoice_1', amount_paid: 500 } } },
      { object: 'v2.core.event', type: 'v1.customer.created' },
      { type: 'user.created', data: { primary_email: 'ada@example.com' } },
    ]);
  });

  it.each(['stripe', 'stack-auth', 'clerk'])(
    'is refused when forged or stale, on %s',
    async (name) => {
      const { app, tester } = await start({ adapter });
      const endpoint = name === 'stripe' ? tester.stripe() : tester.standardWebhooks(name);
      const event = tester.stripeEvent('invoice.paid');

      const forged = await endpoint.forged().send(event);
      const stale = await endpoint.stale().send(event);
      const genuine = await endpoint.send(event);

      expect([forged.status, stale.status, genuine.status]).toEqual([400, 400, 200]);
      expect([forged.body, stale.body]).toMatchObject([
        { code: 'signature_mismatch' },
        { code: 'timestamp_too_old' },
      ]);
      expect([forged.deliveries, stale.deliveries]).toEqual([[], []]);
      expect(app.get(Recorder).contexts).toHaveLength(1);
    },
  );

  it('signs with the secret of a label', async () => {
    const { app, tester } = await start({ adapter });

    await tester.stripe().withSecret('previous').event('invoice.paid');
    const stale = await tester.stripe().withSecret('previous').stale().event('invoice.paid');

    expect(app.get(Recorder).contexts.map(({ secretLabel }) => secretLabel)).toEqual(['previous']);
    expect(stale.body).toMatchObject({ code: 'timestamp_too_old' });
  });

  it('sends raw headers and bytes as they are, and nothing else', async () => {
    const { app, tester } = await start({ adapter });
    const body = '{"id":"evt_raw","type":"invoice.paid"}';
    const headers = { 'Stripe-Signature': signStripe({ body, secret: 'whsec_old' }) };

    const signed = await tester.stripe().sendRaw({ headers, body });
    const unsigned = await tester.stripe().sendRaw({ headers: {}, body });
    const noEvent = await tester.stripe().sendRaw({ headers: {}, body: 'no event' });

    expect(signed).toMatchObject({
      status: 200,
      eventId: 'evt_raw',
      deliveries: [{ attempts: 1 }],
    });
    expect(unsigned).toMatchObject({ status: 400, eventId: 'evt_raw', deliveries: [] });
    expect(noEvent).toMatchObject({ status: 400, eventId: undefined, deliveries: [] });
    expect(app.get(Recorder).contexts[0]?.rawBody.toString()).toBe(body);
  });

  it('counts ids from 1 and times by the second, the same in every application', async () => {
    const build = async () => {
      const { app, tester } = await start({ adapter, clock: manualClock(Date.UTC(2031, 0, 1)) });
      const events = [
        tester.stripeEvent('invoice.paid'),
        tester.stripeEvent('invoice.paid', { id: 'evt_own', created: 1 }),
        createWebhookTester(app).stripeEvent('customer.subscription.updated'),
        tester.stripeNotification('v1.customer.created'),
        tester.stackAuthEvent('user.created'),
      ];
      return events;
    };

    const first = await build();
    const second = await build();

    expect(second).toEqual(first);
    expect(first).toMatchObject([
      { id: 'evt_1', created: Date.UTC(2031, 0, 1) / 1000, data: { object: { id: 'invoice_1' } } },
      { id: 'evt_own', created: 1 },
      { id: 'evt_2', created: Date.UTC(2031, 0, 1) / 1000 + 1 },
      { id: 'evt_3', created: '2031-01-01T00:00:02.000Z' },
      { data: { id: '00000000-0000-4000-8000-000000000001' } },
    ]);
  });

  it('sets a prefix into its ids for an inbox that outlives the test', async () => {
    const { app } = await start({ adapter });

    const { id, data } = createWebhookTester(app, { idPrefix: 'orders_' }).stripeEvent(
      'invoice.paid',
    );

    expect([id, data.object.id]).toEqual(['evt_orders_1', 'invoice_orders_1']);
  });
});
