import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import { BillingService } from './billing.service.js';
import { SubscriptionStore } from './subscription.store.js';

let app: INestApplication;
let store: SubscriptionStore;

beforeEach(async () => {
  const moduleRef = await Test.createTestingModule({
    imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_test' })],
    providers: [BillingService, SubscriptionStore],
  }).compile();
  app = moduleRef.createNestApplication({ logger: false });
  store = app.get(SubscriptionStore);
});

afterEach(() => app.close());

it('extends the subscription of a paid invoice', async () => {
  const event = stripeEvent('invoice.paid', { object: { customer: 'cus_1' } });

  const { status, deliveries } = await createWebhookTester(app).stripe().send(event);

  expect(status).toBe(200);
  expect(deliveries).toMatchObject([
    { handler: 'BillingService.extendSubscription', status: 'succeeded' },
  ]);
  expect(store.paidUntil.get('cus_1')).toBe(event.created + 31 * 24 * 60 * 60);
});

it('ends a deleted subscription', async () => {
  await store.extend('cus_1', 2_000_000_000);
  const event = stripeEvent('customer.subscription.deleted', { object: { customer: 'cus_1' } });

  await createWebhookTester(app).stripe().send(event);

  expect(store.paidUntil.get('cus_1')).toBeUndefined();
});

it('is sent the event again after the database was down', async () => {
  const tester = createWebhookTester(app);
  const event = stripeEvent('invoice.paid', { object: { customer: 'cus_1' } });
  jest.spyOn(store, 'extend').mockRejectedValueOnce(new Error('the database is down'));

  const first = await tester.stripe().send(event);
  const second = await tester.stripe().send(event);

  expect(first.status).toBe(500);
  expect(second.status).toBe(200);
  expect(second.deliveries).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
});
