import { collect } from '../api/stripe-api.js';
import type { StripeApi } from '../api/stripe-api.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import { NOTIFICATION, SNAPSHOT } from '../stripe-formats.js';

/** Where Stripe sends events: a webhook endpoint of `/v1`, or an event destination of `/v2`. */
export interface StripeDestination {
  readonly id: string;
  /** Undefined for one that sends to a cloud. */
  readonly url: string | undefined;
  readonly format: StripeEventFormat;
  /** Exact types, or `*` for all but those that have to be named. */
  readonly types: readonly string[];
  readonly ofAccount: boolean;
  readonly ofConnect: boolean;
  /** The version its events are rendered in; undefined for the account's own, and for notifications. */
  readonly apiVersion: string | undefined;
  readonly isEnabled: boolean;
  /** The endpoint that this package has made it for; undefined where someone else manages it. */
  readonly madeFor: string | undefined;
  /** Whether an upgrade has put another one in its place. */
  readonly isRetired: boolean;
  /** Whether Stripe sends a ping there when it is asked to. */
  readonly canPing: boolean;
}

/** In the metadata of what we make: the name of the endpoint. Without it nothing is touched. */
export const MADE_FOR = 'nestjs_webhook_inbox';
export const RETIRED = 'nestjs_webhook_inbox_retired';

/** So many an account may have in a mode. */
export const MAX_DESTINATIONS = 16;

interface WebhookEndpointBody {
  readonly id: string;
  readonly url: string;
  readonly enabled_events: readonly string[];
  readonly api_version: string | null;
  readonly application: string | null;
  readonly status: string;
}

export interface EventDestinationBody {
  readonly id: string;
  readonly event_payload: 'snapshot' | 'thin';
  readonly enabled_events: readonly string[];
  readonly events_from?: readonly string[];
  readonly snapshot_api_version?: string | null;
  readonly status: string;
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly webhook_endpoint?: { readonly url?: string; readonly signing_secret?: string } | null;
}

/** All that an account has in the client's mode. What both APIs list is one. */
export async function readDestinations(api: StripeApi): Promise<StripeDestination[]> {
  const include = ['webhook_endpoint.url'];
  const destinations = await collect(
    api.pagesV2<EventDestinationBody>('/v2/core/event_destinations', { include, limit: 100 }),
  );
  const endpoints = await collect(
    api.pages<WebhookEndpointBody>('/v1/webhook_endpoints', { limit: 100 }),
  );
  const known = new Set(destinations.map(({ id }) => id));
  return [
    ...destinations.map(fromEventDestination),
    ...endpoints.filter(({ id }) => !known.has(id)).map(fromWebhookEndpoint),
  ];
}

function fromEventDestination(body: EventDestinationBody): StripeDestination {
  // Before 2026-03-25 they were called `self` and `other_accounts`.
  const from = body.events_from ?? ['@self'];
  return {
    id: body.id,
    url: body.webhook_endpoint?.url,
    format: body.event_payload === 'thin' ? NOTIFICATION : SNAPSHOT,
    types: body.enabled_events,
    ofAccount: from.includes('@self') || from.includes('self'),
    ofConnect: from.includes('@accounts') || from.includes('other_accounts'),
    apiVersion: body.snapshot_api_version ?? undefined,
    isEnabled: body.status === 'enabled',
    madeFor: body.metadata?.[MADE_FOR],
    isRetired: body.metadata?.[RETIRED] !== undefined,
    canPing: true,
  };
}

/** We make none of these, so that all of them are someone else's. */
function fromWebhookEndpoint(body: WebhookEndpointBody): StripeDestination {
  // Whether it is for connected accounts is not told otherwise.
  const isConnect = body.application !== null && body.application !== undefined;
  return {
    id: body.id,
    url: body.url,
    format: SNAPSHOT,
    types: body.enabled_events,
    ofAccount: !isConnect,
    ofConnect: isConnect,
    apiVersion: body.api_version ?? undefined,
    isEnabled: body.status === 'enabled',
    madeFor: undefined,
    isRetired: false,
    canPing: false,
  };
}
