import type Stripe from 'stripe';
import type { EventFor, EventPattern, EventType } from '../handlers/event-types.js';

/**
 * Stripe's event notifications by type. The SDK adds types in minor versions; `OnWebhook` takes those
 * that the installed one does not know yet.
 */
export type StripeNotificationMap = {
  [Notification in Stripe.V2.Core.EventNotification as Notification['type']]: Notification;
};

/** A notification's type that the installed SDK knows. */
export type StripeNotificationType = EventType<StripeNotificationMap>;

/** What `@OnStripeNotification` takes: a type, `prefix.*` or `*`. */
export type StripeNotificationPattern = EventPattern<StripeNotificationMap>;

/** The notification that a handler of the pattern gets. */
export type StripeNotificationFor<Pattern extends string> = EventFor<
  StripeNotificationMap,
  Pattern
>;
