// What every test runner runs: the testing kit on an application of this Nest and module format.
import { strict as assert } from 'node:assert';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { OnStripeEvent, StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { chaos, createWebhookTester, stripeEvent } from 'nestjs-webhook-inbox/testing';
import type Stripe from 'stripe';

/** Stands for a database. */
@Injectable()
class Ledger {
  total = 0;
  readonly credited = new Set<string>();

  async add(amount: number): Promise<void> {
    this.total += amount;
  }

  async addOnce(reference: string, amount: number): Promise<void> {
    if (this.credited.has(reference)) return;
    this.credited.add(reference);
    this.total += amount;
  }
}

@Injectable()
class WrongCredits {
  constructor(private readonly ledger: Ledger) {}

  @OnStripeEvent('invoice.paid')
  async credit(event: Stripe.InvoicePaidEvent): Promise<void> {
    await this.ledger.add(event.data.object.amount_paid);
  }
}

@Injectable()
class RightCredits {
  constructor(private readonly ledger: Ledger) {}

  @OnStripeEvent('invoice.paid')
  async credit(event: Stripe.InvoicePaidEvent): Promise<void> {
    await this.ledger.addOnce(event.id, event.data.object.amount_paid);
  }
}

async function createApp(handler: typeof WrongCredits | typeof RightCredits) {
  const module = await Test.createTestingModule({
    imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_test' })],
    providers: [Ledger, handler],
  }).compile();
  return module.createNestApplication({ logger: false });
}

export async function tryDelivery(): Promise<void> {
  const app = await createApp(RightCredits);
  const tester = createWebhookTester(app);

  const paid = { object: { amount_paid: 500 } };
  const { status, eventId } = await tester.stripe().event('invoice.paid', paid);
  await tester.settled();
  const delivery = await tester.delivery('evt_1', 'RightCredits.credit');
  const forged = await tester.stripe().forged().event('invoice.paid', paid);
  await app.close();

  assert.deepEqual(
    [status, eventId, delivery.status, forged.status],
    [200, 'evt_1', 'succeeded', 400],
  );
  assert.equal(app.get(Ledger).total, 500);
}

export async function tryChaos(): Promise<void> {
  const events = [
    stripeEvent('invoice.paid', { id: 'evt_1', object: { amount_paid: 100 } }),
    stripeEvent('invoice.paid', { id: 'evt_2', object: { amount_paid: 20 } }),
  ];
  const tried = (handler: typeof WrongCredits | typeof RightCredits) =>
    chaos({ createApp: () => createApp(handler), events })
      .runs(3)
      .expectSameOutcome((app) => app.get(Ledger).total);

  await assert.rejects(tried(WrongCredits), /another state than after one orderly run/);
  assert.ok((await tried(RightCredits)).runs > 3);
}
