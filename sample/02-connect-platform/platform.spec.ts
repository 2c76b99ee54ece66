import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import type { WebhookTester } from 'nestjs-webhook-inbox/testing';
import { MerchantStore } from './merchant.store.js';
import { startFakeStripe } from './testing/fake-stripe.js';
import type { FakeStripe } from './testing/fake-stripe.js';

process.env.STRIPE_WEBHOOK_SECRET = 'whsec_account';
process.env.STRIPE_CONNECT_SECRET = 'whsec_connect';
process.env.STRIPE_MODE = 'live';
// Imported here because it reads the secrets when it is loaded.
const { AppModule } = await import('./app.module.js');
const { clients } = await import('./stripe-clients.js');

let app: INestApplication;
let merchants: MerchantStore;
let tester: WebhookTester;
let api: FakeStripe;

beforeEach(async () => {
  api = await startFakeStripe('sk_live_1');
  clients.set(true, api.client);
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = moduleRef.createNestApplication({ logger: false });
  merchants = app.get(MerchantStore);
  tester = createWebhookTester(app);
});

afterEach(async () => {
  await app.close();
  await api.close();
});

it('records the fee that a merchant has paid to the platform', async () => {
  const object = { metadata: { merchant: 'acct_1' } };

  await tester.stripe().send(stripeEvent('invoice.paid', { livemode: true, object }));

  expect(await merchants.get('acct_1')).toMatchObject({ hasPaid: true });
});

it("takes no merchant's invoice for a fee", async () => {
  const object = { metadata: { merchant: 'acct_1' } };
  const event = stripeEvent('invoice.paid', { livemode: true, account: 'acct_1', object });

  const { status } = await tester.stripe('connect').send(event);

  expect(status).toBe(200);
  expect(await merchants.get('acct_1')).toMatchObject({ hasPaid: false });
});

it("stops the payouts of a merchant on the merchant's account, in live mode", async () => {
  const event = stripeEvent('payout.failed', {
    livemode: true,
    account: 'acct_1',
    object: { id: 'po_1' },
  });

  const { status } = await tester.stripe('connect').send(event);

  expect(status).toBe(200);
  expect(await merchants.get('acct_1')).toMatchObject({ failedPayouts: ['po_1'] });
  expect(api.requests).toMatchObject([
    { url: '/v1/balance_settings', headers: { 'stripe-account': 'acct_1' } },
  ]);
});

it('skips test events on the live Connect endpoint', async () => {
  const event = stripeEvent('payout.failed', { account: 'acct_1', object: { id: 'po_1' } });

  const { status, deliveries } = await tester.stripe('connect').send(event);

  expect(status).toBe(200);
  expect(deliveries).toMatchObject([
    { status: 'skipped', reason: expect.stringContaining('live mode') },
  ]);
  expect(api.requests).toEqual([]);
});

it('connects and disconnects a merchant', async () => {
  const account = { livemode: true, account: 'acct_1' };
  const connect = tester.stripe('connect');

  await connect.send(stripeEvent('account.application.authorized', account));
  expect(await merchants.get('acct_1')).toMatchObject({ isConnected: true });

  await connect.send(stripeEvent('account.application.deauthorized', account));
  expect(await merchants.get('acct_1')).toMatchObject({ isConnected: false });
});

it('notes what an installed App may do, by whichever endpoint it is told', async () => {
  const object = { account: 'acct_1', permissions_granted: ['charge_read'] };

  await tester.stripe().send(stripeEvent('apps.install.created', { livemode: true, object }));
  expect(await merchants.get('acct_1')).toMatchObject({ permissions: ['charge_read'] });

  await tester.stripe().send(stripeEvent('apps.install.deleted', { livemode: true, object }));
  expect(await merchants.get('acct_1')).toMatchObject({ permissions: [] });
});
