import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createWebhookTester, stripeApiDouble } from 'nestjs-webhook-inbox/testing';
import type { StripeApiDouble, WebhookTester } from 'nestjs-webhook-inbox/testing';
import Stripe from 'stripe';
import { MerchantStore } from '../merchant.store.js';

process.env.STRIPE_WEBHOOK_SECRET = 'whsec_account';
process.env.STRIPE_CONNECT_SECRET = 'whsec_connect';
process.env.STRIPE_MODE = 'live';
// Imported here because it reads the secrets when it is loaded.
const { AppModule } = await import('../app.module.js');
const { clients } = await import('../stripe-clients.js');

export interface Platform {
  readonly app: INestApplication;
  readonly api: StripeApiDouble;
  readonly tester: WebhookTester;
  readonly merchants: MerchantStore;
  close(): Promise<void>;
}

/** The whole application in live mode, with an API of Stripe on this machine. */
export async function startPlatform(): Promise<Platform> {
  const api = await stripeApiDouble({ otherwise: () => ({ body: {} }) });
  clients.set(true, new Stripe('sk_live_1', api.clientOptions));
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = moduleRef.createNestApplication({ logger: false });
  const close = async (): Promise<void> => {
    await app.close();
    await api.close();
  };
  return { app, api, close, tester: createWebhookTester(app), merchants: app.get(MerchantStore) };
}
