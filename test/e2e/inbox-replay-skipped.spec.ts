import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import {
  memoryEngine,
  NonRetriableError,
  SkipDelivery,
  WebhookInboxAdmin,
} from '../../src/index.js';
import { OnStripeEvent, OnStripeNotification } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

class Recorder {
  readonly seen: string[] = [];
}

@Injectable()
class Orders extends Recorder {
  @OnStripeEvent('invoice.paid', { scope: 'account' })
  fulfil({ id }: { readonly id: string }): void {
    this.seen.push(id);
  }
}

/** The same handler after a deploy. */
@Injectable()
class Marketplace extends Recorder {
  @OnStripeEvent('invoice.paid', { id: 'Orders.fulfil', scope: 'any' })
  fulfil({ id }: { readonly id: string }): void {
    this.seen.push(id);
  }
}

@Injectable()
class Migrating extends Recorder {
  error: Error | undefined;

  @OnStripeEvent('customer.created')
  @OnStripeNotification('v1.customer.created')
  onCustomer({ id }: { readonly id: string }): void {
    this.seen.push(id);
    if (this.error) throw this.error;
  }
}

@Injectable()
class Choosy extends Recorder {
  @OnStripeEvent('invoice.paid')
  fulfil({ id }: { readonly id: string }): void {
    this.seen.push(id);
    throw new SkipDelivery('not ours');
  }
}

async function start<T extends Recorder>(
  adapter: Adapter,
  provider: Type<T>,
  engine = memoryEngine({ keepBodies: true }),
) {
  const { app, stripe } = await startWebhookApp({
    adapter,
    providers: [provider],
    endpoints: [{ livemode: true }],
    inbox: { engine },
  });
  const settled = (id: string) => engine.attempted({ source: 'stripe', id });
  const admin = app.get(WebhookInboxAdmin);
  return { app, stripe, engine, settled, admin, seen: app.get(provider).seen };
}

const own = stripeEvent('invoice.paid', { id: 'evt_own', livemode: true });
const ofMerchant = { ...own, id: 'evt_merchant', account: 'acct_1' };
const ofTestMode = { ...own, id: 'evt_test', livemode: false };

describe.each(ADAPTERS)('A replay on %s', (adapter) => {
  it('runs nothing that was turned away by a filter of its handler or its endpoint', async () => {
    const { stripe, admin, settled, seen } = await start(adapter, Orders);
    for (const event of [own, ofMerchant, ofTestMode]) await stripe().send(event);

    const reports = [
      await admin.replay({ type: 'invoice.paid' }),
      await admin.replay({ status: 'skipped' }),
      await admin.replay({ type: 'invoice.paid' }, { handlers: ['Orders.fulfil'], dryRun: true }),
    ];

    await Promise.all([own, ofMerchant, ofTestMode].map(({ id }) => settled(id)));
    expect(seen).toEqual(['evt_own', 'evt_own']);
    expect(reports).toMatchObject([
      { events: 1, deliveries: 1, withoutBody: 0 },
      { events: 0, deliveries: 0, withoutBody: 0 },
      { events: 1, deliveries: 1, withoutBody: 0 },
    ]);
  });

  it('runs what was turned away and is wanted now, when it is asked for what was skipped', async () => {
    const before = await start(adapter, Orders);
    for (const event of [ofMerchant, ofTestMode]) await before.stripe().send(event);
    await before.app.close();
    const { admin, settled, seen } = await start(adapter, Marketplace, before.engine);

    const report = await admin.replay({ status: 'skipped' });

    await settled('evt_merchant');
    expect(seen).toEqual(['evt_merchant']);
    expect(report).toMatchObject({ events: 1, deliveries: 1 });
  });

  it('runs a change that came in both formats once', async () => {
    const { stripe, admin, settled, seen } = await start(adapter, Migrating);
    await stripe().send(stripeEvent('customer.created', { id: 'evt_1', livemode: true }));
    await stripe().send(
      stripeNotification('v1.customer.created', {
        id: 'evt_thin',
        snapshotEvent: 'evt_1',
        livemode: true,
      }),
    );

    await admin.replay({ source: 'stripe' });

    await Promise.all([settled('evt_1'), settled('evt_thin')]);
    expect(seen).toEqual(['evt_1', 'evt_1']);
  });

  it('skips a dead format whose change the handler has had by the other since', async () => {
    const { app, stripe, admin, settled, seen } = await start(adapter, Migrating);
    app.get(Migrating).error = new NonRetriableError('never');
    await stripe().send(stripeEvent('customer.created', { id: 'evt_1', livemode: true }));
    app.get(Migrating).error = undefined;
    await stripe().send(
      stripeNotification('v1.customer.created', {
        id: 'evt_thin',
        snapshotEvent: 'evt_1',
        livemode: true,
      }),
    );

    const report = await admin.replay({ status: 'dead' });

    const stored = await settled('evt_1');
    expect(report).toMatchObject({ deliveries: 0, withoutBody: 0, skipped: 1 });
    expect(stored?.deliveries).toMatchObject([
      { status: 'skipped', reason: 'the handler has the same change by event evt_thin' },
    ]);
    expect(seen).toEqual(['evt_1', 'evt_thin']);
  });

  it('runs what its handler skipped', async () => {
    const { stripe, admin, settled, seen } = await start(adapter, Choosy);
    await stripe().send(own);

    await admin.replay({ status: 'skipped' });

    await settled('evt_own');
    expect(seen).toEqual(['evt_own', 'evt_own']);
  });
});
