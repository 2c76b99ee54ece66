import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { OnStripeNotification } from 'nestjs-webhook-inbox/stripe';
import { stripeEvent, stripeNotification } from 'nestjs-webhook-inbox/testing';
import { LISTEN_SECRET, startStripeListen } from '../../test/support/stripe-listen.js';
import type { StripeListen } from '../../test/support/stripe-listen.js';
import { MerchantStore } from './merchant.store.js';

// The real CLI forwards to this application, with the commands of docs/local-development.md.

process.env.STRIPE_WEBHOOK_SECRET = LISTEN_SECRET;
process.env.STRIPE_CONNECT_SECRET = LISTEN_SECRET;
process.env.STRIPE_MODE = 'test';
// Imported here because it reads the secrets when it is loaded.
const { AppModule } = await import('./app.module.js');

@Injectable()
class Accounts {
  readonly updated: string[] = [];

  @OnStripeNotification('v1.account.updated', { scope: 'any' })
  note({ id }: { readonly id: string }): void {
    this.updated.push(id);
  }
}

let app: INestApplication;
let listen: StripeListen | undefined;
let target: string;

beforeEach(async () => {
  const moduleRef = await Test.createTestingModule({
    imports: [AppModule],
    providers: [Accounts],
  }).compile();
  app = moduleRef.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  target = `${await app.getUrl()}/webhooks/stripe`.replace('http://', '');
});

afterEach(async () => {
  await listen?.close();
  await app.close();
});

it('gets events of the own account and of connected ones from `stripe listen`', async () => {
  listen = await startStripeListen([
    ...['--all-snapshot', '--forward-to', target, '--forward-connect-to', `${target}/connect`],
  ]);
  const object = { metadata: { merchant: 'acct_1' } };

  const own = await listen.forward(stripeEvent('invoice.paid', { object }));
  const connected = await listen.forward(
    stripeEvent('account.application.authorized', { account: 'acct_2' }),
  );

  expect([own, connected]).toMatchObject([
    { status: 200, forward_url: `http://${target}` },
    { status: 200, forward_url: `http://${target}/connect` },
  ]);
  const merchants = app.get(MerchantStore);
  expect(await merchants.get('acct_1')).toMatchObject({ hasPaid: true });
  expect(await merchants.get('acct_2')).toMatchObject({ isConnected: true });
});

it('gets event notifications from `stripe listen`', async () => {
  listen = await startStripeListen(['--all-thin', '--forward-to', target]);

  const { status } = await listen.forward(
    stripeNotification('v1.account.updated', { id: 'evt_1' }),
  );

  expect(status).toBe(200);
  expect(app.get(Accounts).updated).toEqual(['evt_1']);
});
