import { Module } from '@nestjs/common';
import { StripeWebhooksModule } from 'nestjs-webhook-inbox/stripe';
import { BillingService } from './billing.service.js';

@Module({
  imports: [StripeWebhooksModule.forRoot({ secrets: 'whsec_test' })],
  providers: [BillingService],
})
export class AppModule {}
