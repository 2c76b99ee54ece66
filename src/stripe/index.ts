// Module
export { StripeWebhooksModule } from './stripe-webhooks.module.js';
export type { StripeReconcileSchedule } from './reconcile/stripe-reconcile-schedule.interface.js';
export type { StripeWebhooksOptions } from './stripe-endpoint-options.interface.js';
export { STRIPE_CLIENT } from './stripe-client.token.js';
export type { StripeClientRequest, StripeClientSelector } from './stripe-clients.js';

// Handlers
export { OnStripeEvent } from './on-stripe-event.decorator.js';
export type { StripeHandlerOptions, StripeReplyOptions } from './on-stripe-event.decorator.js';
export { OnStripeNotification } from './on-stripe-notification.decorator.js';
export { OnStripeObject } from './on-stripe-object.decorator.js';
export type { StripeObjectOptions } from './on-stripe-object.decorator.js';
export { StripeWebhookContext } from './stripe-webhook-context.js';

// What Stripe sends
export { StripeDestinations } from './destinations/stripe-destinations.service.js';
export type {
  StripeApplyOptions,
  StripeApplyReport,
  StripeUpgradeOptions,
} from './destinations/stripe-destinations.service.js';
export type { StripeDestinationsOptions } from './destinations/endpoint-targets.js';
export type {
  DestinationFinding,
  DestinationPlan,
  StripeDestinationsPlan,
} from './destinations/stripe-destinations-plan.interface.js';
export type { DestinationChange } from './destinations/destination-steps.js';
export type { NewStripeSecret } from './destinations/secret-handover.js';
export type { StripeEventFormat } from './event-types/known-event-types.js';

// What never arrived
export { StripeReconciler } from './reconcile/stripe-reconciler.service.js';
export type {
  StripeReconcileOptions,
  StripeReconcileReport,
} from './reconcile/stripe-reconcile.interface.js';
export type { MissedEvent } from './reconcile/missed-events.js';
export type { RefusedAccount } from './reconcile/refused-account.js';
export { StripeGenerationFailures } from './generation-failures/stripe-generation-failures.handler.js';

// Whether it arrives
export { StripeCanary } from './canary/stripe-canary.service.js';
export type { StripePingOptions, StripePingReport } from './canary/stripe-canary.service.js';

// Stripe Apps
export {
  grantCommand,
  permissionsIn,
  StripeAppPermissions,
} from './apps/stripe-app-permissions.service.js';
export type {
  NeededPermission,
  StripeAppManifest,
  StripeAppPermissionsOptions,
  StripeAppPermissionsReport,
} from './apps/stripe-app-permissions.service.js';
export type { EventPermissionTable } from './apps/event-permissions.js';

// Replies
export type {
  StripeAuthorizationReply,
  StripeReplyFor,
  StripeReplyMap,
} from './stripe-reply-map.js';

// Event types
export type {
  StripeEventFor,
  StripeEventMap,
  StripeEventPattern,
  StripeEventType,
} from './stripe-event-map.js';
export type {
  StripeNotificationFor,
  StripeNotificationMap,
  StripeNotificationPattern,
  StripeNotificationType,
} from './stripe-notification-map.js';
export type {
  StripeDeletedObject,
  StripeObject,
  StripeObjectAction,
  StripeObjectKind,
  StripeObjectMap,
} from './stripe-object-map.js';
export type { OnVersionMismatch } from './stripe-version-guard.js';
export type { StripeLane } from './stripe-lane.js';
export type { StripeScope } from './stripe-scope.js';
