import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Delivery } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Scoped {
  readonly ran: string[] = [];

  @OnStripeEvent('invoice.paid', { scope: 'account' })
  ofAccount(): void {
    this.ran.push('ofAccount');
  }

  @OnStripeEvent('invoice.paid', { scope: 'connect' })
  ofConnected(): void {
    this.ran.push('ofConnected');
  }

  @OnStripeEvent('invoice.paid', { scope: 'any', livemode: true })
  live(): void {
    this.ran.push('live');
  }

  @OnStripeEvent('invoice.paid', { livemode: false })
  test(): void {
    this.ran.push('test');
  }

  // Wanted when either decorator wants it.
  @OnStripeEvent('invoice.paid', { scope: 'connect', livemode: false })
  @OnStripeEvent('invoice.*', { scope: 'account', livemode: true })
  either(): void {
    this.ran.push('either');
  }
}

const summary = (deliveries: readonly Delivery[]): unknown =>
  Object.fromEntries(
    deliveries.map(({ handler, status, reason }) => [handler.split('.')[1], reason ?? status]),
  );

const NOT_ACCOUNT = 'the handler is for the own account, and the event is of a connected account';
const NOT_CONNECT = 'the handler is for connected accounts, and the event is of the own account';
const NOT_LIVE = 'the handler is for live mode, and the event is of test mode';
const NOT_TEST = 'the handler is for test mode, and the event is of live mode';

describe.each(ADAPTERS)('the filters of handlers on %s', (adapter) => {
  it.each([
    [
      'a test event of the own account',
      {},
      [undefined, NOT_CONNECT, NOT_LIVE, undefined, NOT_CONNECT],
    ],
    [
      'a test event of a connected account',
      { account: 'acct_1' },
      [NOT_ACCOUNT, undefined, NOT_LIVE, undefined, undefined],
    ],
    [
      'a live event of the own account',
      { livemode: true },
      [undefined, NOT_CONNECT, undefined, NOT_TEST, undefined],
    ],
    [
      'a live event of a connected account',
      { livemode: true, account: 'acct_1' },
      [NOT_ACCOUNT, undefined, undefined, NOT_TEST, NOT_TEST],
    ],
  ])(
    'stores %s as skipped, with the reason, where they turn it away',
    async (_n, fields, reasons) => {
      const { app, stripe } = await startWebhookApp({ adapter, providers: [Scoped] });

      const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid', fields));

      const methods = ['ofAccount', 'ofConnected', 'live', 'test', 'either'];
      const wanted = methods.filter((_method, index) => reasons[index] === undefined);
      expect(status).toBe(200);
      expect(app.get(Scoped).ran.sort()).toEqual(wanted.sort());
      expect(summary(deliveries)).toEqual(
        Object.fromEntries(methods.map((method, index) => [method, reasons[index] ?? 'succeeded'])),
      );
    },
  );

  it('does not run a skipped delivery, whatever is resent', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Scoped] });
    const event = stripeEvent('invoice.paid', { account: 'acct_1' });

    await stripe().send(event);
    const { deliveries } = await stripe().send(event);

    expect(app.get(Scoped).ran).not.toContain('ofAccount');
    expect(deliveries).toContainEqual({
      handler: 'Scoped.ofAccount',
      endpoint: 'stripe',
      status: 'skipped',
      attempts: 0,
      reason: NOT_ACCOUNT,
    });
  });

  it('gives an event to handlers of its endpoint only, without a delivery for others', async () => {
    @Injectable()
    class ByEndpoint {
      @OnStripeEvent('invoice.paid', { endpoint: 'connect' })
      connect(): void {}

      @OnStripeEvent('invoice.paid', { endpoint: ['stripe', 'connect'] })
      both(): void {}
    }
    const { stripe } = await startWebhookApp({
      adapter,
      endpoints: [{}, { name: 'connect' }],
      providers: [ByEndpoint],
    });

    const own = await stripe().send(stripeEvent('invoice.paid'));
    const connect = await stripe('connect').send(stripeEvent('invoice.paid'));

    expect(summary(own.deliveries)).toEqual({ both: 'succeeded' });
    expect(summary(connect.deliveries)).toEqual({ both: 'succeeded', connect: 'succeeded' });
  });

  it("tells the handler the event's account and mode", async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Contexts {
      @OnStripeEvent('invoice.paid')
      record(_event: object, { account, livemode }: StripeWebhookContext): void {
        seen.push([account, livemode]);
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Contexts] });

    await stripe().send(stripeEvent('invoice.paid', { account: 'acct_1', livemode: true }));
    await stripe().send(stripeEvent('invoice.paid'));

    expect(seen).toEqual([
      ['acct_1', true],
      [undefined, false],
    ]);
  });
});
