import type { StripeEventMap, StripeEventType } from '../stripe/stripe-event-map.js';
import type { DeepPartial } from './deep-partial.js';
import { randomOrigin } from './event-origin.js';
import type { EventOrigin } from './event-origin.js';
import { stripeObjectKind } from './stripe-object-kind.js';

type PreviousAttributes<Data> = Data extends { previous_attributes?: infer Previous }
  ? DeepPartial<Previous>
  : never;

/** What a test says of an event; the rest is filled in. */
export interface StripeEventFields<Type extends StripeEventType> {
  /** The fields of `data.object` that matter. `id` and `object` are filled in. */
  readonly object?: DeepPartial<StripeEventMap[Type]['data']['object']>;
  /** The former values of what changed. */
  readonly previousAttributes?: PreviousAttributes<StripeEventMap[Type]['data']>;
  /** The connected account, such as `acct_1`. Default: none, the own account. */
  readonly account?: string;
  /** Default: null, the account's own. */
  readonly apiVersion?: string;
  /** @default false */
  readonly livemode?: boolean;
  /** @default a new `evt_…` */
  readonly id?: string;
  /** When it happened, in seconds since 1970. Default: now. */
  readonly created?: number;
}

/**
 * Builds a snapshot event of Stripe for a test. Only what is given is in `data.object`, typed for the
 * event; a handler that reads more finds it undefined.
 *
 * @example
 * stripeEvent('invoice.paid', { object: { customer: 'cus_1', amount_paid: 500 } })
 */
export function stripeEvent<Type extends StripeEventType>(
  type: Type,
  fields?: StripeEventFields<Type>,
): StripeEventMap[Type] {
  return buildStripeEvent(randomOrigin, type, fields);
}

/** As `stripeEvent`, with ids and times of a given origin. */
export function buildStripeEvent<Type extends StripeEventType>(
  origin: EventOrigin,
  type: Type,
  fields: StripeEventFields<Type> = {},
): StripeEventMap[Type] {
  const { object, previousAttributes, account, apiVersion, livemode = false } = fields;
  const kind = stripeObjectKind(type);
  const event = {
    id: fields.id ?? origin.createId('evt'),
    object: 'event',
    api_version: apiVersion ?? null,
    ...(account !== undefined && { account }),
    created: fields.created ?? Math.floor(origin.nextMs() / 1000),
    data: {
      object: { id: origin.createId(kind.replaceAll('.', '_')), object: kind, ...object },
      ...(previousAttributes !== undefined && { previous_attributes: previousAttributes }),
    },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  };
  // The object is a part of what Stripe sends; tests see it as the whole.
  return event as unknown as StripeEventMap[Type];
}
