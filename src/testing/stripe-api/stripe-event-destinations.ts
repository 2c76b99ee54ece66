import { signStripe } from '../sign-stripe.js';
import { post } from '../post.js';
import { stripeNotification } from '../stripe-notification.js';
import { missing, refused } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';
import { v2Page } from './stripe-events.js';
import type { StripeEvents } from './stripe-events.js';
import { MAX_ENDPOINTS, mergeMetadata } from './stripe-webhook-endpoints.js';

/** An event destination with all that it has; the API leaves out what is not included. */
export interface StripeEventDestinationBody {
  readonly id: string;
  readonly object: 'v2.core.event_destination';
  readonly created: string;
  readonly description: string;
  readonly enabled_events: readonly string[];
  readonly event_payload: 'snapshot' | 'thin';
  readonly events_from: readonly string[];
  readonly livemode: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly name: string;
  readonly snapshot_api_version: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly status_details: { readonly disabled: { readonly reason: string } } | null;
  readonly type: string;
  readonly updated: string;
  readonly webhook_endpoint: { readonly url: string; readonly signing_secret: string } | null;
}

const REQUIRED = ['name', 'type', 'event_payload', 'enabled_events'];
const UPDATABLE = [
  'description',
  'enabled_events',
  'include',
  'metadata',
  'name',
  'webhook_endpoint',
];

/** `/v2/core/event_destinations`. */
export class StripeEventDestinations {
  readonly #destinations = new Map<string, StripeEventDestinationBody>();
  readonly #events: StripeEvents;
  #count = 0;

  constructor(events: StripeEvents) {
    this.#events = events;
  }

  get all(): readonly StripeEventDestinationBody[] {
    return [...this.#destinations.values()];
  }

  create(request: StripeApiRequest): StripeApiAnswer {
    const { body = {}, isLive } = request;
    const lacking = REQUIRED.find((name) => body[name] === undefined);
    if (lacking !== undefined) return refused(`Missing required param: ${lacking}.`);
    if (this.all.filter(({ livemode }) => livemode === isLive).length >= MAX_ENDPOINTS) {
      return refused(`You have reached the maximum of ${MAX_ENDPOINTS} event destinations.`);
    }
    this.#count += 1;
    const id = `ed_${isLive ? '' : 'test_'}${this.#count}`;
    const now = new Date().toISOString();
    const { include: _include, ...fields } = body;
    const { url } = (body.webhook_endpoint ?? {}) as { url?: string };
    // What has no default is required, and was checked.
    const destination = {
      description: '',
      events_from: ['@self'],
      metadata: {},
      snapshot_api_version: null,
      ...fields,
      id,
      object: 'v2.core.event_destination',
      created: now,
      updated: now,
      livemode: isLive,
      status: 'enabled',
      status_details: null,
      webhook_endpoint: url === undefined ? null : { url, signing_secret: `whsec_of_${id}` },
    } as unknown as StripeEventDestinationBody;
    return this.#put(destination, request, [
      'webhook_endpoint.signing_secret',
      'webhook_endpoint.url',
    ]);
  }

  list(request: StripeApiRequest): StripeApiAnswer {
    const ofMode = this.all.filter(({ livemode }) => livemode === request.isLive);
    return v2Page(
      ofMode.map((destination) => shown(destination, request, ['webhook_endpoint.url'])),
      request,
    );
  }

  retrieve(request: StripeApiRequest, id: string): StripeApiAnswer {
    const destination = this.#destinations.get(id);
    if (!destination) return missing(`event destination: '${id}'`);
    return { body: shown(destination, request, ['webhook_endpoint.url']) };
  }

  update(request: StripeApiRequest, id: string): StripeApiAnswer {
    const { body = {} } = request;
    const destination = this.#destinations.get(id);
    if (!destination) return missing(`event destination: '${id}'`);
    const fixed = Object.keys(body).find((name) => !UPDATABLE.includes(name));
    if (fixed !== undefined) return refused(`${fixed} cannot be updated`);
    const { include: _include, metadata, webhook_endpoint: endpoint, ...fields } = body;
    const { webhook_endpoint: known } = destination;
    const { url = known?.url } = (endpoint ?? {}) as { url?: string };
    const updated = {
      ...destination,
      ...fields,
      metadata: mergeMetadata(destination.metadata, metadata),
      webhook_endpoint: known && { ...known, url },
      updated: new Date().toISOString(),
    } as StripeEventDestinationBody;
    return this.#put(updated, request, ['webhook_endpoint.url']);
  }

  enable(request: StripeApiRequest, id: string): StripeApiAnswer {
    return this.#switch(request, id, { status: 'enabled', status_details: null });
  }

  disable(request: StripeApiRequest, id: string): StripeApiAnswer {
    const status_details = { disabled: { reason: 'user' } };
    return this.#switch(request, id, { status: 'disabled', status_details });
  }

  delete(_request: StripeApiRequest, id: string): StripeApiAnswer {
    if (!this.#destinations.delete(id)) return missing(`event destination: '${id}'`);
    return { body: { id, object: 'v2.core.event_destination', deleted: true } };
  }

  /** Answers with the ping, and sends it to the destination's URL as Stripe does, not waiting for it. */
  ping({ isLive }: StripeApiRequest, id: string): StripeApiAnswer {
    const destination = this.#destinations.get(id);
    if (!destination) return missing(`event destination: '${id}'`);
    const event = stripeNotification('v2.core.event_destination.ping', {
      livemode: isLive,
      relatedObject: {
        id,
        type: 'v2.core.event_destination',
        url: `/v2/core/event_destinations/${id}`,
      },
    });
    this.#events.add(event, false);
    if (destination.webhook_endpoint && destination.status === 'enabled') {
      void deliver(destination.webhook_endpoint, event).catch(() => {
        // Nobody is there, as it may be with Stripe.
      });
    }
    return { body: event };
  }

  #switch(
    request: StripeApiRequest,
    id: string,
    status: Pick<StripeEventDestinationBody, 'status' | 'status_details'>,
  ): StripeApiAnswer {
    const destination = this.#destinations.get(id);
    if (!destination) return missing(`event destination: '${id}'`);
    return this.#put({ ...destination, ...status }, request, ['webhook_endpoint.url']);
  }

  #put(
    destination: StripeEventDestinationBody,
    request: StripeApiRequest,
    includable: readonly string[],
  ): StripeApiAnswer {
    this.#destinations.set(destination.id, destination);
    return { body: shown(destination, request, includable) };
  }
}

/** With what the request includes of its webhook endpoint, and no more. */
function shown(
  destination: StripeEventDestinationBody,
  { query, body }: StripeApiRequest,
  includable: readonly string[],
): object {
  const included = ([] as unknown[]).concat(query.include ?? body?.include ?? []);
  const { webhook_endpoint: endpoint } = destination;
  const isShown = (name: string): boolean =>
    included.includes(`webhook_endpoint.${name}`) &&
    includable.includes(`webhook_endpoint.${name}`);
  return {
    ...destination,
    webhook_endpoint:
      endpoint && Object.fromEntries(Object.entries(endpoint).filter(([name]) => isShown(name))),
  };
}

/** Only to this machine: a test must not reach the world. */
async function deliver(
  { url, signing_secret: secret }: { readonly url: string; readonly signing_secret: string },
  event: object,
): Promise<void> {
  const target = new URL(url);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(target.hostname)) return;
  const body = JSON.stringify(event);
  await post(target, Buffer.from(body), {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': signStripe({ body, secret }),
  });
}
