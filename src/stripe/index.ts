// Module
export { StripeWebhooksModule } from './stripe-webhooks.module.js';
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
