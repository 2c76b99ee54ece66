import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhooksOptions } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';

const PINNED = Stripe.API_VERSION;
const SAME_MAJOR = PINNED.replace(/^\d{4}/, '2020');
const OTHER_MAJOR = '2025-02-24.acacia';
const UNNAMED = '2020-08-27';

@Injectable()
class Handlers {
  @OnStripeEvent(['invoice.paid', 'account.application.authorized'])
  run(): void {}
}

describe.each(ADAPTERS)('The API version of events on %s', (adapter) => {
  const start = (options: Partial<StripeWebhooksOptions> = {}) =>
    startWebhookApp({
      adapter,
      endpoints: [{ client: new Stripe('sk_test_1'), ...options }],
      providers: [Handlers],
    });
  const paid = (apiVersion?: string) =>
    stripeEvent('invoice.paid', apiVersion === undefined ? {} : { apiVersion });

  it('is warned of once a version where its major release is not the one of the client', async () => {
    const { stripe, logger } = await start();

    for (const version of [OTHER_MAJOR, UNNAMED, OTHER_MAJOR]) {
      expect(await stripe().send(paid(version))).toMatchObject({ status: 200 });
    }

    expect(logger.ofInbox('warn')).toEqual([
      expect.stringContaining(
        `endpoint "stripe" have the API version ${OTHER_MAJOR}, and the Stripe client has ${PINNED}`,
      ),
      expect.stringContaining(`have the API version ${UNNAMED}`),
    ]);
  });

  it.each([
    ['of the same release', paid(SAME_MAJOR), {}],
    ['that is the one of the account', paid(), {}],
    [
      'of account.application events',
      stripeEvent('account.application.authorized', { apiVersion: OTHER_MAJOR }),
      {},
    ],
    ['where there is no client', paid(OTHER_MAJOR), { client: undefined }],
    ['that is to be ignored', paid(OTHER_MAJOR), { onVersionMismatch: 'ignore' }],
  ] as const)('gives no warning for one %s', async (_which, event, options) => {
    const { stripe, logger } = await start(options as Partial<StripeWebhooksOptions>);

    const { deliveries } = await stripe().send(event);

    expect(deliveries).toMatchObject([{ status: 'succeeded' }]);
    expect(logger.ofInbox('warn')).toEqual([]);
  });

  it("makes the deliveries 'dead' where that is asked for, and answers 200", async () => {
    const { stripe } = await start({ onVersionMismatch: 'dead' });

    const { status, deliveries } = await stripe().send(paid(OTHER_MAJOR));

    expect(status).toBe(200);
    expect(deliveries).toMatchObject([
      { status: 'dead', attempts: 1, error: { message: expect.stringContaining(OTHER_MAJOR) } },
    ]);
  });

  it('refuses to start with a reaction that there is not', async () => {
    const endpoints = [{ onVersionMismatch: 'fail' as never }];

    const built = buildWebhookApp({ adapter, endpoints, providers: [Handlers] });

    await expect(built).rejects.toThrow("onVersionMismatch must be 'warn', 'ignore' or 'dead'");
  });
});
