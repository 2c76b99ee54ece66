import { Module } from '@nestjs/common';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { BillingService } from './billing.service.js';
import { SubscriptionStore } from './subscription.store.js';

@Module({
  imports: [StripeWebhooksModule.forRoot({ secrets: process.env.STRIPE_WEBHOOK_SECRET! })],
  providers: [BillingService, SubscriptionStore],
})
export class AppModule {}
