import type Stripe from 'stripe';
import type { StripeEventMap } from './stripe-event-map.js';
import type { StripeNotificationMap } from './stripe-notification-map.js';

/** Objects that Stripe's API does not give by their id, and one that only the ping is about. */
type NotOffered =
  | 'application'
  | 'balance'
  | 'balance_settings'
  | 'billing.alert_triggered'
  | 'billing_portal.session'
  | 'cash_balance'
  | 'discount'
  | 'entitlements.active_entitlement_summary'
  | 'financial_connections.authorization'
  | 'reserve.hold'
  | 'reserve.plan'
  | 'reserve.release'
  | 'source_mandate_notification'
  | 'source_transaction'
  | 'tax.settings'
  | 'v2.core.event_destination';

type RelatedTo<Notification> = Notification extends {
  fetchRelatedObject(): Promise<infer Related>;
}
  ? Related
  : never;

type KindOf<Data> = Data extends { readonly object: infer Kind extends string } ? Kind : never;

type AnyObject = Stripe.Event['data']['object'] | RelatedTo<Stripe.V2.Core.EventNotification>;

/** Stripe's objects that events are about and that can be fetched, by their `object`. */
export type StripeObjectMap = {
  [Data in AnyObject as Exclude<KindOf<Data>, NotOffered>]: Data;
};

/** What an object is: its `object`, such as `subscription` or `checkout.session`. */
export type StripeObjectKind = keyof StripeObjectMap;

/** An object that Stripe does not have any more. */
export interface StripeDeletedObject {
  readonly id: string;
  readonly deleted: true;
}

/** The present state of an object, or that it is gone: `deleted` tells which. */
export type StripeObject<Kind extends StripeObjectKind> =
  (StripeObjectMap[Kind] & { readonly deleted?: undefined }) | StripeDeletedObject;

type LastSegment<Type extends string> = Type extends `${string}.${infer Rest}`
  ? LastSegment<Rest>
  : Type;

type SnapshotTypeOf<Kind> = {
  [Type in keyof StripeEventMap]: Kind extends KindOf<StripeEventMap[Type]['data']['object']>
    ? Type
    : never;
}[keyof StripeEventMap];

type NotificationTypeOf<Kind> = {
  [Type in keyof StripeNotificationMap]: Kind extends KindOf<RelatedTo<StripeNotificationMap[Type]>>
    ? Type
    : never;
}[keyof StripeNotificationMap];

/** What happens to objects of a kind: the last part of their events' types, such as `created`. */
export type StripeObjectAction<Kind extends StripeObjectKind> = LastSegment<
  SnapshotTypeOf<Kind> | NotificationTypeOf<Kind>
>;
