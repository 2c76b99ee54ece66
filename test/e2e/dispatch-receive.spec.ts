import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type Stripe from 'stripe';
import {
  DeliveriesUnfinishedError,
  InboxUnavailableError,
  MalformedEventError,
  WebhookConfigurationError,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import { OnStripeEvent, StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Invoices {
  readonly seen: [Stripe.Event, StripeWebhookContext][] = [];

  @OnStripeEvent('invoice.*')
  record(event: Stripe.Event, context: StripeWebhookContext): void {
    this.seen.push([event, context]);
    if (event.type === 'invoice.voided' && this.seen.length === 1) throw new Error('not yet');
  }
}

const event = stripeEvent('invoice.paid', { id: 'evt_1', object: { customer: 'cus_Zoë' } });
const json = JSON.stringify(event);

describe('receive() without HTTP', () => {
  @Module({
    imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_1' })],
    providers: [Invoices],
  })
  class AppModule {}

  async function withContext<T>(use: (context: INestApplicationContext) => Promise<T>): Promise<T> {
    const context = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
    });
    try {
      return await use(context);
    } finally {
      await context.close();
    }
  }

  it.each<[string, unknown]>([
    ['an object', event],
    ['JSON in a string', json],
    ['JSON with white space', JSON.stringify(event, undefined, 2)],
    ['bytes', Buffer.from(json)],
    ['a Uint8Array', new TextEncoder().encode(json)],
    [
      'an EventBridge envelope',
      { id: 'x', 'detail-type': event.type, source: 'aws', detail: event },
    ],
    ['an EventBridge envelope in a string', JSON.stringify({ id: 'x', detail: event })],
    [
      'an Event Grid envelope',
      { id: 'x', specversion: '1.0', type: event.type, source: 'azure', data: event },
    ],
    [
      'an Event Grid envelope in bytes',
      Buffer.from(JSON.stringify({ specversion: '1.0', data: event })),
    ],
  ])('runs the handlers of %s', async (_name, given) => {
    await withContext(async (context) => {
      const stored = await context
        .get(WebhookInboxAdmin)
        .receive({ endpoint: 'stripe', event: given });

      const [[payload, details] = []] = context.get(Invoices).seen;
      expect(stored).toMatchObject({
        source: 'stripe',
        id: 'evt_1',
        type: 'invoice.paid',
        endpoint: 'stripe',
        deliveries: [{ handler: 'Invoices.record', status: 'succeeded', attempts: 1 }],
      });
      expect(payload).toEqual(event);
      expect(details).toMatchObject({ arrivedBy: 'receive', secretLabel: undefined, headers: {} });
      expect(JSON.parse(details!.rawBody.toString())).toEqual(event);
    });
  });

  it('keeps the bytes of a text as they are', async () => {
    const pretty = JSON.stringify(event, undefined, 2);
    await withContext(async (context) => {
      await context.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event: pretty });

      expect(context.get(Invoices).seen[0]?.[1].rawBody.toString()).toBe(pretty);
    });
  });

  it.each<[string, unknown, string]>([
    ['text that is not JSON', '{', 'body_not_json'],
    ['an empty text', '', 'body_not_json'],
    ['a JSON number', '1', 'event_malformed'],
    ['an id of two lines', { ...event, id: 'evt_1\nevt_2' }, 'event_malformed'],
    ['a type of 256 characters', { ...event, type: 't'.repeat(256) }, 'event_malformed'],
    ['null', null, 'event_malformed'],
    ['undefined', undefined, 'event_malformed'],
    ['a list', [event], 'event_malformed'],
    ['an object without id and type', { object: 'event' }, 'event_malformed'],
    ['an envelope around nothing', { detail: null }, 'event_malformed'],
    ['an envelope around a text', { specversion: '1.0', data: json }, 'event_malformed'],
  ])('rejects %s and stores nothing', async (_name, given, code) => {
    await withContext(async (context) => {
      const received = context.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event: given });

      await expect(received).rejects.toBeInstanceOf(MalformedEventError);
      await expect(received).rejects.toMatchObject({ code });
      expect(context.get(Invoices).seen).toEqual([]);
    });
  });

  it('rejects an endpoint that is not configured, and says which ones are', async () => {
    await withContext(async (context) => {
      const received = context.get(WebhookInboxAdmin).receive({ endpoint: 'clerk', event });

      await expect(received).rejects.toBeInstanceOf(WebhookConfigurationError);
      await expect(received).rejects.toThrow('"clerk". Configured are: "stripe"');
    });
  });

  it('rejects while a handler fails, and resolves when it comes again', async () => {
    const voided = stripeEvent('invoice.voided', { id: 'evt_2' });
    await withContext(async (context) => {
      const admin = context.get(WebhookInboxAdmin);

      const first = admin.receive({ endpoint: 'stripe', event: voided });

      await expect(first).rejects.toBeInstanceOf(DeliveriesUnfinishedError);
      await expect(first).rejects.toMatchObject({
        eventId: 'evt_2',
        handlers: ['Invoices.record'],
        message: expect.not.stringContaining('not yet'),
      });
      const second = await admin.receive({ endpoint: 'stripe', event: voided });
      expect(second.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    });
  });
});

describe.each(ADAPTERS)('receive() beside HTTP on %s', (adapter) => {
  it('rejects before the application has started, and says what to call', async () => {
    const { app } = await buildWebhookApp({ adapter, providers: [Invoices] });

    const received = app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event });

    await expect(received).rejects.toBeInstanceOf(InboxUnavailableError);
    await expect(received).rejects.toThrow('call app.init() or app.listen() first');
    expect(app.get(Invoices).seen).toEqual([]);
    await app.close();
  });

  it('meets the event that came by HTTP, in either order', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Invoices] });
    const admin = app.get(WebhookInboxAdmin);
    const other = stripeEvent('invoice.paid', { id: 'evt_2' });

    await stripe().send(event);
    await admin.receive({ endpoint: 'stripe', event });
    await admin.receive({ endpoint: 'stripe', event: other });
    const { status } = await stripe().send(other);

    expect(status).toBe(200);
    expect(
      app.get(Invoices).seen.map(([, { eventId, arrivedBy }]) => [eventId, arrivedBy]),
    ).toEqual([
      ['evt_1', 'http'],
      ['evt_2', 'receive'],
    ]);
  });

  it('finds the event in the inbox afterwards, and no other', async () => {
    const { app } = await startWebhookApp({ adapter, providers: [Invoices] });
    const inbox = app.get(WebhookInbox);

    const received = await app.get(WebhookInboxAdmin).receive({ endpoint: 'stripe', event });

    await expect(inbox.find('stripe', 'evt_1')).resolves.toEqual(received);
    await expect(inbox.find('stripe', 'evt_2')).resolves.toBeUndefined();
    await expect(inbox.find('clerk', 'evt_1')).resolves.toBeUndefined();
  });
});
