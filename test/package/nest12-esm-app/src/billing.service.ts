import { Injectable } from '@nestjs/common';
import { OnStripeEvent, type StripeWebhookContext } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';

@Injectable()
export class BillingService {
  readonly paid: string[] = [];

  @OnStripeEvent('invoice.paid')
  async extend(event: Stripe.InvoicePaidEvent, context: StripeWebhookContext): Promise<void> {
    this.paid.push(`${event.data.object.id} on ${context.endpoint}`);
  }
}
