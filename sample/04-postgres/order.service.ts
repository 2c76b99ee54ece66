import { Injectable } from '@nestjs/common';
import { OnStripeEvent, StripeWebhookContext } from 'nestjs-webhook-inbox/stripe';
import type { PoolClient } from 'pg';
import type Stripe from 'stripe';

@Injectable()
export class OrderService {
  /** Neither statement could be repeated: they are committed with the delivery's success. */
  @OnStripeEvent('checkout.session.completed', { transaction: true })
  async fulfil(
    { data: { object: session } }: Stripe.CheckoutSessionCompletedEvent,
    { transaction }: StripeWebhookContext<PoolClient>,
  ): Promise<void> {
    await transaction.query('INSERT INTO orders VALUES ($1, $2)', [
      session.id,
      session.amount_total,
    ]);
    await transaction.query('UPDATE stock SET available = available - 1');
    console.log(`${session.id} is about to be fulfilled`);
  }
}
