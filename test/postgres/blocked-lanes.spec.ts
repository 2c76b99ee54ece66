import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import {
  NonRetriableError,
  WEBHOOK_INBOX_ENGINE,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { WebhookEngine } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';
import { createTestSchema } from './test-schema.js';

@Injectable()
class Ledger {
  readonly seen: string[] = [];
  poison: string | undefined;

  @OnStripeEvent('customer.*', { lane: 'object', order: 'fifo' })
  book({ id }: Stripe.Event): void {
    this.seen.push(id);
    if (id === this.poison) throw new NonRetriableError('never');
  }
}

const event = () => stripeEvent('customer.updated', { object: { id: 'cus_1' } });

async function startBlocked(adapter: Adapter) {
  const { app, stripe } = await startWebhookApp({
    adapter,
    providers: [Ledger],
    inbox: { engine: postgresEngine(createTestSchema()) },
  });
  const ledger = app.get(Ledger);
  const engine = app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE);
  const settled = (id: string) => engine.attempted({ source: 'stripe', id });
  const [dead, behind] = [event(), event()];
  ledger.poison = dead.id;
  await stripe().send(dead);
  await settled(dead.id);
  await stripe().send(behind);
  const delivery = { source: 'stripe', eventId: dead.id, handler: 'Ledger.book' };
  const [inbox, admin] = [app.get(WebhookInbox), app.get(WebhookInboxAdmin)];
  return { ledger, settled, dead, behind, delivery, inbox, admin };
}

describe.each(ADAPTERS)('A lane in order that a dead delivery blocks, with %s,', (adapter) => {
  it('is seen in the inbox and by a health check', async () => {
    const { inbox, dead, behind } = await startBlocked(adapter);

    const { events } = await inbox.list({ type: 'customer.*' });
    const { blockedLanes } = await inbox.stats();
    const health = [await inbox.health(), await inbox.health({ maxBlockedLanes: 0 })];

    expect(events).toMatchObject([
      { id: behind.id, deliveries: [{ status: 'pending' }] },
      { id: dead.id, deliveries: [{ status: 'dead', isBlocking: true }] },
    ]);
    expect(blockedLanes).toBe(1);
    expect(health).toMatchObject([
      { webhookInbox: { status: 'up', blockedLanes: 1 } },
      { webhookInbox: { status: 'down', blockedLanes: 1 } },
    ]);
  });

  it('goes on without it when it is unblocked', async () => {
    const { admin, ledger, settled, dead, behind, delivery } = await startBlocked(adapter);

    const answers = [await admin.unblock(delivery), await admin.unblock(delivery)];

    await settled(behind.id);
    expect(answers).toEqual([true, false]);
    expect(ledger.seen).toEqual([dead.id, behind.id]);
  });

  it('goes on after it when a replay of it has succeeded', async () => {
    const { admin, ledger, settled, dead, behind } = await startBlocked(adapter);
    ledger.poison = undefined;

    const report = await admin.replay({ status: 'dead' });

    await settled(behind.id);
    expect(report).toMatchObject({ deliveries: 1, skipped: 0 });
    expect(ledger.seen).toEqual([dead.id, dead.id, behind.id]);
  });
});
