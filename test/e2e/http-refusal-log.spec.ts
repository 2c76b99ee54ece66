import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { gzipSync } from 'node:zlib';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { manualClock } from '../../src/testing/index.js';
import type { SendOptions } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookApp } from '../support/build-webhook-app.js';
import { eventJson } from '../support/stripe-recorder.js';

const SECRET = 'whsec_never_to_be_seen';
const PAYLOAD_MARK = 'customer-4711@example.com';
const FORGED = `t=1800000000,v1=${'0a'.repeat(32)}`;
const MINUTE_MS = 60_000;

@Injectable()
class FailingService {
  @OnStripeEvent('invoice.paid')
  fail(): void {
    throw new Error('the ledger is closed');
  }
}

const REQUESTS: readonly { what: string; body: string | Buffer; options: SendOptions }[] = [
  { what: 'forged', body: payload(), options: { headers: { 'stripe-signature': FORGED } } },
  { what: 'malformed', body: payload(), options: { headers: { 'stripe-signature': SECRET } } },
  { what: 'stale', body: payload(), options: { timestamp: 1 } },
  { what: 'signed and no JSON', body: `{"email":"${PAYLOAD_MARK}`, options: {} },
  { what: 'signed and no event', body: `{"email":"${PAYLOAD_MARK}"}`, options: {} },
  { what: 'too large', body: payload(2_000_000), options: {} },
  {
    what: 'broken gzip',
    body: Buffer.concat([gzipSync(payload()).subarray(0, 40), Buffer.from(PAYLOAD_MARK)]),
    options: { headers: { 'content-encoding': 'gzip' } },
  },
  { what: 'brotli', body: payload(), options: { headers: { 'content-encoding': 'br' } } },
  { what: 'failing in its handler', body: payload(), options: {} },
];

describe.each(ADAPTERS)('what a refused request leaves on %s', (adapter) => {
  it.each(REQUESTS)(
    'holds no secret, signature or payload when it is $what',
    async ({ body, options }) => {
      const { stripe, logger } = await boot();

      const answer = await stripe().send(body, options);

      const left = `${JSON.stringify(answer.body)}\n${logger.lines.map(({ text }) => text).join('\n')}`;
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(left).not.toContain('never_to_be_seen');
      expect(left).not.toContain(PAYLOAD_MARK);
      expect(left).not.toContain('0a0a');
      expect(left).not.toMatch(/[0-9a-f]{64}/);
    },
  );

  it('is one warning for a hundred of a kind, and their number after a minute', async () => {
    const clock = manualClock();
    const { stripe, logger } = await boot(clock);
    const forge = () =>
      stripe().send(payload(), {
        headers: { 'stripe-signature': `t=${now()},v1=${'0'.repeat(64)}` },
      });
    const now = () => Math.floor(clock.now() / 1000);

    for (let sent = 0; sent < 100; sent += 1) await forge();
    const duringTheMinute = logger.ofLevel('warn');
    await clock.advance(MINUTE_MS);
    await forge();
    const afterTheMinute = logger.ofLevel('warn').slice(duringTheMinute.length);

    expect(duringTheMinute).toEqual([
      expect.stringMatching(/^Refused a request to endpoint "stripe": signature_mismatch\./),
    ]);
    expect(afterTheMinute).toEqual([expect.stringMatching(/signature_mismatch.*\(99 more/)]);
    expect(logger.ofLevel('error')).toEqual([]);
  });

  it('is a warning for each kind', async () => {
    const { stripe, logger } = await boot();

    await stripe().send(payload(), { timestamp: 1 });
    await stripe().send('no JSON');
    await stripe().send(payload(2_000_000));

    expect(logger.ofLevel('warn')).toEqual([
      expect.stringContaining('timestamp_too_old'),
      expect.stringContaining('body_not_json'),
      expect.stringContaining('body_too_large'),
    ]);
  });

  it('is no detail of a handler that failed, in the answer', async () => {
    const { stripe, logger } = await boot();

    const answer = await stripe().send(payload());

    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ statusCode: 500, message: 'Internal server error' });
    expect(logger.lines.map(({ text }) => text).join('\n')).toContain('the ledger is closed');
  });

  function boot(clock = manualClock()): Promise<WebhookApp> {
    return startWebhookApp({
      adapter,
      clock,
      endpoints: [{ secrets: { current: SECRET } }],
      providers: [FailingService],
    });
  }
});

function payload(fillerLength = 0): string {
  return eventJson(`,"email":"${PAYLOAD_MARK}","filler":"${'x'.repeat(fillerLength)}"`);
}
