import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { CreditStore } from './credit.store.js';

/** Looks right, and passes every test that sends events one after another. Who is credited twice? */
@Injectable()
export class NaiveCreditsService {
  constructor(private readonly store: CreditStore) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    if (await this.store.isBooked(object.id!)) return;
    await this.store.add(object.customer as string, object.amount_paid);
    await this.store.book(object.id!);
  }
}
