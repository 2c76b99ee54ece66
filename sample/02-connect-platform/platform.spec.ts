import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startPlatform } from './testing/start-platform.js';
import type { Platform } from './testing/start-platform.js';

let platform: Platform;
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.close());

const fee = { livemode: true, object: { metadata: { merchant: 'acct_1' } } };
const payout = { livemode: true, account: 'acct_1', object: { id: 'po_1' } };

it('records the fee that a merchant has paid to the platform', async () => {
  const { tester, merchants } = platform;

  await tester.stripe().event('invoice.paid', fee);

  expect(await merchants.get('acct_1')).toMatchObject({ hasPaid: true });
});

it("takes no merchant's invoice for a fee", async () => {
  const { tester, merchants } = platform;

  const connect = tester.stripe('connect');
  const { status } = await connect.event('invoice.paid', { ...fee, account: 'acct_1' });

  expect(status).toBe(200);
  expect(await merchants.get('acct_1')).toMatchObject({ hasPaid: false });
});

it("stops the payouts of a merchant on the merchant's account, in live mode", async () => {
  const { tester, merchants, api } = platform;

  const { status } = await tester.stripe('connect').event('payout.failed', payout);

  expect(status).toBe(200);
  expect(await merchants.get('acct_1')).toMatchObject({ failedPayouts: ['po_1'] });
  expect(api.requests).toMatchObject([
    { method: 'POST', path: '/v1/balance_settings', account: 'acct_1' },
  ]);
});

it('skips test events on the live Connect endpoint', async () => {
  const { tester, api } = platform;

  const connect = tester.stripe('connect');
  const { deliveries } = await connect.event('payout.failed', { ...payout, livemode: false });

  expect(deliveries).toMatchObject([
    { status: 'skipped', reason: expect.stringContaining('live mode') },
  ]);
  expect(api.requests).toEqual([]);
});
