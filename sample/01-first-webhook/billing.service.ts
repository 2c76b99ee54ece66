import { Injectable } from '@nestjs/common';
import { OnStripeEvent } from 'nestjs-webhook-inbox/stripe';
import type Stripe from 'stripe';
import { SubscriptionStore } from './subscription.store.js';

@Injectable()
export class BillingService {
  constructor(private readonly subscriptions: SubscriptionStore) {}

  @OnStripeEvent('invoice.paid')
  async extendSubscription(event: Stripe.InvoicePaidEvent): Promise<void> {
    const customer = event.data.object.customer as string; // events carry ids, not expanded objects
    await this.subscriptions.extend(customer, event.created + 31 * 24 * 60 * 60);
  }

  @OnStripeEvent('customer.subscription.deleted')
  async endSubscription(event: Stripe.CustomerSubscriptionDeletedEvent): Promise<void> {
    await this.subscriptions.end(event.data.object.customer as string);
  }
}
