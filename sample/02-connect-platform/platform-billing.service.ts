import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { MerchantStore } from './merchant.store.js';

/** What merchants pay to the platform. Their own invoices never come here. */
@Injectable()
export class PlatformBillingService {
  constructor(private readonly merchants: MerchantStore) {}

  @OnStripeEvent('invoice.paid', { endpoint: 'stripe' })
  async recordFee(event: Stripe.InvoicePaidEvent): Promise<void> {
    const account = event.data.object.metadata?.merchant;
    if (account !== undefined) (await this.merchants.get(account)).hasPaid = true;
  }
}
