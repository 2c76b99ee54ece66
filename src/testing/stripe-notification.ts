import type { StripeNotificationType } from '../stripe/stripe-notification-map.js';
import { randomOrigin } from './event-origin.js';
import type { EventOrigin } from './event-origin.js';

/** What a test says of an event notification; the rest is filled in. */
export interface StripeNotificationFields {
  /** What it is about. Default: nothing. */
  readonly relatedObject?: { readonly id?: string; readonly type: string; readonly url: string };
  /** The account it happened on (`acct_…`), or a path (`org_…/acct_…`). Default: none, the own account. */
  readonly context?: string;
  /** The id of the snapshot event of the same change. */
  readonly snapshotEvent?: string;
  /** @default false */
  readonly livemode?: boolean;
  /** @default a new `evt_…` */
  readonly id?: string;
  /** When it happened, in seconds since 1970. Default: now. */
  readonly created?: number;
}

/** An event notification as it is sent: without the methods that the SDK gives it. */
export interface StripeNotificationBody<Type extends string> {
  readonly id: string;
  readonly object: 'v2.core.event';
  readonly type: Type;
  /** ISO 8601. */
  readonly created: string;
  readonly livemode: boolean;
  readonly context?: string;
  readonly related_object: StripeNotificationFields['relatedObject'] | null;
  readonly snapshot_event?: string;
}

/**
 * Builds an event notification of Stripe ("thin event") for a test, as Stripe sends it. A type that the
 * installed SDK does not know is taken as well.
 *
 * @example
 * stripeNotification('v1.customer.created', {
 *   relatedObject: { id: 'cus_1', type: 'customer', url: '/v1/customers/cus_1' },
 * })
 */
export function stripeNotification<Type extends StripeNotificationType | (string & {})>(
  type: Type,
  fields?: StripeNotificationFields,
): StripeNotificationBody<Type> {
  return buildStripeNotification(randomOrigin, type, fields);
}

/** As `stripeNotification`, with ids and times of a given origin. */
export function buildStripeNotification<Type extends string>(
  origin: EventOrigin,
  type: Type,
  fields: StripeNotificationFields = {},
): StripeNotificationBody<Type> {
  const { relatedObject, context, snapshotEvent, livemode = false, created } = fields;
  return {
    id: fields.id ?? origin.createId('evt'),
    object: 'v2.core.event',
    type,
    created: new Date(created === undefined ? origin.nextMs() : created * 1000).toISOString(),
    livemode,
    ...(context !== undefined && { context }),
    related_object: relatedObject ?? null,
    ...(snapshotEvent !== undefined && { snapshot_event: snapshotEvent }),
  };
}
