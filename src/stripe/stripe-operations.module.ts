import { Global, Module } from '@nestjs/common';
import { WebhookInboxCoreModule } from '../inbox/webhook-inbox-core.module.js';
import { EndpointTargets } from './destinations/endpoint-targets.js';
import { StripeDestinations } from './destinations/stripe-destinations.service.js';
import { StripeNeedsService } from './needs/stripe-needs.service.js';

/** What is there once for all Stripe endpoints of an application. */
@Global()
@Module({
  imports: [WebhookInboxCoreModule],
  providers: [EndpointTargets, StripeDestinations, StripeNeedsService],
  exports: [StripeDestinations],
})
export class StripeOperationsModule {}
