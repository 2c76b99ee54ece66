import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, WebhookInbox } from '../../src/index.js';
import { OnStripeEvent, OnStripeNotification } from '../../src/stripe/index.js';
import { stripeEvent, stripeNotification } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';

@Injectable()
class Migrating {
  readonly seen: string[] = [];
  outcome: () => void | Promise<void> = () => {};

  @OnStripeEvent('customer.created')
  @OnStripeNotification('v1.customer.created')
  async onCustomer({ object }: { readonly object: string }): Promise<void> {
    this.seen.push(object);
    await this.outcome();
  }

  @OnStripeEvent('customer.created', { id: 'only-snapshots' })
  onSnapshot(): void {}

  @OnStripeNotification('v1.customer.created', { id: 'only-notifications' })
  onNotification(): void {}
}

const snapshot = () => stripeEvent('customer.created', { id: 'evt_snapshot' });
const notification = (snapshotEvent?: string) =>
  stripeNotification('v1.customer.created', {
    id: 'evt_thin',
    ...(snapshotEvent !== undefined && { snapshotEvent }),
  });

describe.each(ADAPTERS)('A change that comes in both formats on %s', (adapter) => {
  it.each([
    ['the snapshot event', snapshot(), notification('evt_snapshot'), 'event'],
    ['the notification', notification('evt_snapshot'), snapshot(), 'v2.core.event'],
  ])(
    'runs a handler of both once, by %s where that is first',
    async (_what, first, second, object) => {
      const { app, stripe } = await startWebhookApp({ adapter, providers: [Migrating] });

      await stripe().send(first);
      const { status, deliveries } = await stripe().send(second);

      expect(status).toBe(200);
      expect(app.get(Migrating).seen).toEqual([object]);
      expect(deliveries).toContainEqual(
        expect.objectContaining({
          handler: 'Migrating.onCustomer',
          status: 'skipped',
          attempts: 0,
          reason: `the handler has the same change by event ${first.id}`,
        }),
      );
    },
  );

  it('runs a handler of one format for its own event', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Migrating] });

    await stripe().send(snapshot());
    await stripe().send(notification('evt_snapshot'));

    const inbox = app.get(WebhookInbox);
    const [first, second] = [
      await inbox.find('stripe', 'evt_snapshot'),
      await inbox.find('stripe', 'evt_thin'),
    ];
    expect(first?.deliveries).toContainEqual(
      expect.objectContaining({ handler: 'only-snapshots', status: 'succeeded' }),
    );
    expect(second?.deliveries).toContainEqual(
      expect.objectContaining({ handler: 'only-notifications', status: 'succeeded' }),
    );
  });

  it('answers the second 200 while the first still runs', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Migrating] });
    const [started, released] = [deferred(), deferred()];
    app.get(Migrating).outcome = async () => {
      started.resolve();
      await released.promise;
    };
    const sending = stripe().send(snapshot());
    await started.promise;

    const { status } = await stripe().send(notification('evt_snapshot'));

    expect(status).toBe(200);
    released.resolve();
    expect((await sending).status).toBe(200);
    expect(app.get(Migrating).seen).toEqual(['event']);
  });

  it('runs the second where the first is dead', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Migrating] });
    const migrating = app.get(Migrating);
    migrating.outcome = () => {
      throw new NonRetriableError('No.');
    };
    await stripe().send(snapshot());
    migrating.outcome = () => {};

    await stripe().send(notification('evt_snapshot'));

    expect(migrating.seen).toEqual(['event', 'v2.core.event']);
  });

  it('runs a handler for each where the notification names no snapshot event', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Migrating] });

    await stripe().send(snapshot());
    await stripe().send(notification());

    expect(app.get(Migrating).seen).toEqual(['event', 'v2.core.event']);
  });
});
