import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { manualClock } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { eventJson } from '../support/stripe-recorder.js';

const NOW = 1_800_000_000;

const MOMENTS = [
  { signed: 'now', toleranceSeconds: 300, offset: 0, code: undefined },
  { signed: 'as long ago as tolerated', toleranceSeconds: 300, offset: -300, code: undefined },
  { signed: 'a second before', toleranceSeconds: 300, offset: -301, code: 'timestamp_too_old' },
  { signed: 'as far ahead as tolerated', toleranceSeconds: 300, offset: 300, code: undefined },
  { signed: 'a second after', toleranceSeconds: 300, offset: 301, code: 'timestamp_in_future' },
  { signed: 'in 1970', toleranceSeconds: 300, offset: 1 - NOW, code: 'timestamp_too_old' },
  { signed: 'ten seconds ago', toleranceSeconds: 10, offset: -10, code: undefined },
  { signed: 'eleven seconds ago', toleranceSeconds: 10, offset: -11, code: 'timestamp_too_old' },
  { signed: 'eleven seconds ahead', toleranceSeconds: 10, offset: 11, code: 'timestamp_in_future' },
];

describe.each(ADAPTERS)('the time of a signature on %s', (adapter) => {
  it.each(MOMENTS)(
    'answers $code for one made $signed, with a tolerance of $toleranceSeconds s',
    async ({ toleranceSeconds, offset, code }) => {
      const { stripe } = await startWebhookApp({
        adapter,
        clock: manualClock(NOW * 1000),
        endpoints: [{ toleranceSeconds }],
      });

      const answer = await stripe().send(eventJson(), { timestamp: NOW + offset });

      expect(answer).toMatchObject(
        code === undefined ? { status: 200 } : { status: 400, body: { code } },
      );
    },
  );

  it('is 300 seconds either way where nothing is said', async () => {
    const { stripe } = await startWebhookApp({ adapter, clock: manualClock(NOW * 1000) });

    const codes = [];
    for (const timestamp of [NOW - 301, NOW - 300, NOW + 300, NOW + 301]) {
      codes.push((await stripe().send(eventJson(), { timestamp })).status);
    }

    expect(codes).toEqual([400, 200, 200, 400]);
  });
});
