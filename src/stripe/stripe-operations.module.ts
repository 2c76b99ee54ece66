import { Global, Module } from '@nestjs/common';
import { WebhookInboxCoreModule } from '../inbox/webhook-inbox-core.module.js';
import { StripeAppPermissions } from './apps/stripe-app-permissions.service.js';
import { EndpointTargets } from './destinations/endpoint-targets.js';
import { StripeDestinations } from './destinations/stripe-destinations.service.js';
import { StripeNeedsService } from './needs/stripe-needs.service.js';
import { StripeStartupCheck } from './startup-check/stripe-startup-check.js';

/** What is there once for all Stripe endpoints of an application. */
@Global()
@Module({
  imports: [WebhookInboxCoreModule],
  providers: [
    EndpointTargets,
    StripeAppPermissions,
    StripeDestinations,
    StripeNeedsService,
    StripeStartupCheck,
  ],
  exports: [StripeAppPermissions, StripeDestinations],
})
export class StripeOperationsModule {}
