import { expect, it } from '@jest/globals';
import type Stripe from 'stripe';
import { WebhookContext } from '../../src/index.js';
import { StripeWebhookContext } from '../../src/stripe/index.js';
import {
  stackAuthEvent,
  stripeEvent,
  stripeNotification,
  webhookContext,
} from '../../src/testing/index.js';

class Billing {
  readonly notes: string[] = [];

  async note(event: Stripe.InvoicePaidEvent, context: StripeWebhookContext): Promise<void> {
    const { id } = await context.stripe.customers.retrieve(event.data.object.customer as string);
    this.notes.push(
      `${context.attempt} ${context.account} ${id} ${context.idempotencyKey('note')}`,
    );
  }
}

it('lets a handler be called as the plain method it is', async () => {
  const billing = new Billing();
  const event = stripeEvent('invoice.paid', { object: { customer: 'cus_1' }, account: 'acct_1' });
  const stripe = { customers: { retrieve: async (id: string) => ({ id }) } };

  await billing.note(event, webhookContext({ event, stripe, attempt: 2 }));

  const key = webhookContext({ event }).idempotencyKey('note');
  expect(billing.notes).toEqual([`2 acct_1 cus_1 ${key}`]);
});

it('takes what it can from the event', () => {
  const event = stripeNotification('v1.customer.created', {
    context: 'org_1/acct_2',
    livemode: true,
  });

  const context = webhookContext({ event });

  expect(context).toBeInstanceOf(StripeWebhookContext);
  expect(context).toBeInstanceOf(WebhookContext);
  expect(context).toMatchObject({
    eventId: event.id,
    type: 'v1.customer.created',
    account: 'acct_2',
    livemode: true,
    rawBody: Buffer.from(JSON.stringify(event)),
  });
});

it('takes everything else from the test', () => {
  const { signal } = new AbortController();
  const given = {
    eventId: 'msg_1',
    type: 'user.created',
    endpoint: 'stack-auth',
    source: 'stack-auth',
    handler: 'Users.onCreated',
    attempt: 3,
    replays: 2,
    receivedAt: new Date(0),
    arrivedBy: 'receive' as const,
    secretLabel: 'previous',
    headers: { 'svix-id': 'msg_1' },
    rawBody: Buffer.from('{}'),
    signal,
  };

  const context = webhookContext({ event: stackAuthEvent('user.created'), ...given });

  expect(Object.keys(given).map((name) => context[name as keyof typeof context])).toEqual(
    Object.values(given),
  );
});

it('is never aborted by itself, and says that a client is missing', () => {
  const context = webhookContext();

  expect(context.signal.aborted).toBe(false);
  expect(() => context.stripe).toThrow('webhookContext({ stripe: client })');
});
