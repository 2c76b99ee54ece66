import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { CreditStore } from './credit.store.js';

/** Credits what was paid, once for each invoice whatever happens. */
@Injectable()
export class CreditsService {
  constructor(private readonly store: CreditStore) {}

  @OnStripeEvent('invoice.paid')
  async credit({ data: { object } }: Stripe.InvoicePaidEvent): Promise<void> {
    await this.store.addOnce(object.id!, object.customer as string, object.amount_paid);
  }
}
