import { Module } from '@nestjs/common';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { AppInstallsService } from './app-installs.service.js';
import { MerchantStore } from './merchant.store.js';
import { PayoutsService } from './payouts.service.js';
import { PlatformBillingService } from './platform-billing.service.js';
import { chooseClient } from './stripe-clients.js';

@Module({
  imports: [
    // What happens on the platform's own account: what merchants pay to it.
    StripeWebhooksModule.forRoot({
      secrets: process.env.STRIPE_WEBHOOK_SECRET!,
      scope: 'account',
      client: chooseClient,
    }),
    // What happens on the merchants' accounts. Stripe sends a live Connect endpoint test events too.
    StripeWebhooksModule.forRoot({
      name: 'connect',
      path: 'webhooks/stripe/connect',
      secrets: process.env.STRIPE_CONNECT_SECRET!,
      scope: 'connect',
      livemode: process.env.STRIPE_MODE === 'live',
      client: chooseClient,
    }),
  ],
  providers: [AppInstallsService, MerchantStore, PayoutsService, PlatformBillingService],
})
export class AppModule {}
