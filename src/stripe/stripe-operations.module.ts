import { Global, Module } from '@nestjs/common';
import { WebhookInboxCoreModule } from '../inbox/webhook-inbox-core.module.js';
import { StripeAppPermissions } from './apps/stripe-app-permissions.service.js';
import { StripeCanary } from './canary/stripe-canary.service.js';
import { EndpointTargets } from './destinations/endpoint-targets.js';
import { StripeDestinations } from './destinations/stripe-destinations.service.js';
import { StripeNeedsService } from './needs/stripe-needs.service.js';
import { MissedEvents } from './reconcile/missed-events.js';
import { ReconciledEvents } from './reconcile/reconciled-events.js';
import { StreamProgress } from './reconcile/stream-progress.js';
import { StreamReconciler } from './reconcile/stream-reconciler.js';
import { StripeReconciler } from './reconcile/stripe-reconciler.service.js';
import { StripeReconciliationSchedule } from './reconcile/stripe-reconciliation.schedule.js';
import { StripeStreams } from './reconcile/stripe-stream.js';
import { StripeStartupCheck } from './startup-check/stripe-startup-check.js';

/** What is there once for all Stripe endpoints of an application. */
@Global()
@Module({
  imports: [WebhookInboxCoreModule],
  providers: [
    StripeCanary,
    EndpointTargets,
    StripeAppPermissions,
    StripeDestinations,
    MissedEvents,
    ReconciledEvents,
    StripeNeedsService,
    StripeReconciler,
    StripeReconciliationSchedule,
    StreamProgress,
    StreamReconciler,
    StripeStreams,
    StripeStartupCheck,
  ],
  exports: [
    StripeAppPermissions,
    StripeCanary,
    StripeDestinations,
    StripeReconciler,
    // What StripeGenerationFailures is made of, in whichever module it is provided.
    ReconciledEvents,
    StripeNeedsService,
  ],
})
export class StripeOperationsModule {}
