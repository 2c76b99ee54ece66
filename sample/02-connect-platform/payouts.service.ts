import { Injectable } from '@nestjs/common';
import { OnStripeEvent, StripeWebhookContext } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { MerchantStore } from './merchant.store.js';

/** What happens on the merchants' accounts. */
@Injectable()
export class PayoutsService {
  constructor(private readonly merchants: MerchantStore) {}

  @OnStripeEvent('payout.failed', { endpoint: 'connect' })
  async stopPayouts(
    { data }: Stripe.PayoutFailedEvent,
    { account, stripe, idempotencyKey }: StripeWebhookContext,
  ): Promise<void> {
    const merchant = await this.merchants.get(account!);
    if (!merchant.failedPayouts.includes(data.object.id)) {
      merchant.failedPayouts.push(data.object.id);
    }
    // `context.stripe` acts for the merchant's account.
    await stripe.balanceSettings.update(
      { payments: { payouts: { schedule: { interval: 'manual' } } } },
      { idempotencyKey: idempotencyKey() },
    );
  }
}
