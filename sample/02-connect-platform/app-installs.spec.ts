import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startPlatform } from './testing/start-platform.js';
import type { Platform } from './testing/start-platform.js';

let platform: Platform;
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.close());

it('connects and disconnects a merchant', async () => {
  const { tester, merchants } = platform;
  const connect = tester.stripe('connect');
  const merchant = { livemode: true, account: 'acct_1' };

  await connect.event('account.application.authorized', merchant);
  expect(await merchants.get('acct_1')).toMatchObject({ isConnected: true });

  await connect.event('account.application.deauthorized', merchant);
  expect(await merchants.get('acct_1')).toMatchObject({ isConnected: false });
});

it('notes what an installed App may do, by whichever endpoint it is told', async () => {
  const { tester, merchants } = platform;
  const object = { account: 'acct_1', permissions_granted: ['charge_read'] };

  await tester.stripe().event('apps.install.created', { livemode: true, object });
  expect(await merchants.get('acct_1')).toMatchObject({ permissions: ['charge_read'] });

  const connected = { livemode: true, account: 'acct_1', object };
  await tester.stripe('connect').event('apps.install.deleted', connected);
  expect(await merchants.get('acct_1')).toMatchObject({ permissions: [] });
});
