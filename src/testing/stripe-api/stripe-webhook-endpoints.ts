import { missing, refused } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';
import { v1Page } from './stripe-events.js';

/** A webhook endpoint as the API gives it; its secret only when it is created. */
export interface StripeWebhookEndpointBody {
  readonly id: string;
  readonly object: 'webhook_endpoint';
  readonly api_version: string | null;
  readonly application: string | null;
  readonly created: number;
  readonly description: string | null;
  readonly enabled_events: readonly string[];
  readonly livemode: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: 'enabled' | 'disabled';
  readonly url: string;
}

/** So many endpoints and destinations an account may have in a mode. */
export const MAX_ENDPOINTS = 16;

const UPDATABLE = ['description', 'disabled', 'enabled_events', 'metadata', 'url'];

/** `/v1/webhook_endpoints`. */
export class StripeWebhookEndpoints {
  readonly #endpoints = new Map<string, StripeWebhookEndpointBody>();
  #count = 0;

  get all(): readonly StripeWebhookEndpointBody[] {
    return [...this.#endpoints.values()];
  }

  create({ body = {}, isLive }: StripeApiRequest): StripeApiAnswer {
    const { url, enabled_events: events, api_version: version, connect } = body;
    if (typeof url !== 'string') return refused('Missing required param: url.');
    if (!Array.isArray(events)) return refused('Missing required param: enabled_events.');
    const ofMode = this.all.filter(({ livemode }) => livemode === isLive);
    if (ofMode.length >= MAX_ENDPOINTS) {
      return refused(`You have reached the maximum of ${MAX_ENDPOINTS} webhook endpoints.`);
    }
    this.#count += 1;
    const endpoint: StripeWebhookEndpointBody = {
      id: `we_${this.#count}`,
      object: 'webhook_endpoint',
      api_version: typeof version === 'string' ? version : null,
      application: connect === 'true' ? 'ca_1' : null,
      created: Math.floor(Date.now() / 1000),
      description: (body.description as string | undefined) ?? null,
      enabled_events: events as string[],
      livemode: isLive,
      metadata: (body.metadata as Record<string, string> | undefined) ?? {},
      status: 'enabled',
      url,
    };
    this.#endpoints.set(endpoint.id, endpoint);
    return { body: { ...endpoint, secret: `whsec_of_${endpoint.id}` } };
  }

  list(request: StripeApiRequest): StripeApiAnswer {
    const ofMode = this.all.filter(({ livemode }) => livemode === request.isLive);
    return v1Page('/v1/webhook_endpoints', ofMode.reverse(), request);
  }

  retrieve(_request: StripeApiRequest, id: string): StripeApiAnswer {
    const endpoint = this.#endpoints.get(id);
    return endpoint ? { body: endpoint } : missing(`webhook endpoint: '${id}'`);
  }

  update({ body = {} }: StripeApiRequest, id: string): StripeApiAnswer {
    const endpoint = this.#endpoints.get(id);
    if (!endpoint) return missing(`webhook endpoint: '${id}'`);
    const fixed = Object.keys(body).find((name) => !UPDATABLE.includes(name));
    if (fixed !== undefined) return refused(`Received unknown parameter: ${fixed}`);
    const { disabled, metadata, ...fields } = body;
    const updated = {
      ...endpoint,
      ...fields,
      metadata: mergeMetadata(endpoint.metadata, metadata),
      ...(disabled !== undefined && { status: disabled === 'true' ? 'disabled' : 'enabled' }),
    } as StripeWebhookEndpointBody;
    this.#endpoints.set(id, updated);
    return { body: updated };
  }

  delete(_request: StripeApiRequest, id: string): StripeApiAnswer {
    if (!this.#endpoints.delete(id)) return missing(`webhook endpoint: '${id}'`);
    return { body: { id, object: 'webhook_endpoint', deleted: true } };
  }
}

/** Stripe adds to what is there; an empty value, or null, takes away. */
export function mergeMetadata(
  known: Readonly<Record<string, string>>,
  given: unknown,
): Record<string, string> {
  if (given === '' || given === null) return {};
  const merged = { ...known, ...(given as Record<string, string | null> | undefined) };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
