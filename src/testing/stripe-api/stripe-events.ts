import { missing, refused } from './stripe-api-answer.js';
import type { StripeApiAnswer } from './stripe-api-answer.js';
import type { StripeApiRequest } from './stripe-api-request.js';

/** A snapshot event or an event notification, as builders give it. */
export interface StripeEventBody {
  readonly id: string;
  readonly object: string;
  readonly type: string;
  readonly livemode: boolean;
  /** Seconds in a snapshot event, ISO 8601 in a notification. */
  readonly created: number | string;
  readonly account?: string;
  readonly context?: unknown;
  readonly related_object?: { readonly id?: string | undefined } | null | undefined;
}

export interface AddedStripeEvent {
  readonly event: StripeEventBody;
  /** Whether all webhook endpoints have answered 200: for `delivery_success`. */
  isDelivered: boolean;
}

const MAX_TYPES = 20;

/** The events that Stripe has: `/v1/events` and `/v2/core/events`. */
export class StripeEvents {
  readonly #added: AddedStripeEvent[] = [];

  add(event: StripeEventBody, isDelivered: boolean): void {
    this.#added.push({ event, isDelivered });
  }

  markDelivered(id: string): void {
    for (const added of this.#added) if (added.event.id === id) added.isDelivered = true;
  }

  list(request: StripeApiRequest): StripeApiAnswer {
    const { type, types, delivery_success: wanted } = request.query;
    const names = typesOf(request);
    if (type !== undefined && types !== undefined) return refused('Give type or types, not both');
    if (names.length > MAX_TYPES) return refused(`types: at most ${MAX_TYPES}`);
    const found = this.#of(request, 'event')
      .filter(({ event }) => names.length === 0 || names.some((name) => isOfType(event, name)))
      .filter(({ event }) => isCreated(Number(event.created), request.query.created, Number))
      .filter(({ isDelivered }) => wanted === undefined || `${isDelivered}` === wanted);
    return v1Page(
      '/v1/events',
      found.map(({ event }) => event),
      request,
    );
  }

  retrieve(request: StripeApiRequest, id: string): StripeApiAnswer {
    const found = this.#of(request, 'event').find(({ event }) => event.id === id);
    return found ? { body: found.event } : missing(`event: '${id}'`);
  }

  listV2(request: StripeApiRequest): StripeApiAnswer {
    const names = typesOf(request);
    if (names.length > MAX_TYPES) return refused(`types: at most ${MAX_TYPES}`);
    const { object_id: objectId, created } = request.query;
    const found = this.#of(request, 'v2.core.event')
      .map(({ event }) => event)
      .filter(({ type }) => names.length === 0 || names.includes(type))
      .filter((event) => objectId === undefined || event.related_object?.id === objectId)
      .filter((event) => isCreated(createdMs(event), created, parseMs));
    return v2Page(found, request);
  }

  retrieveV2(request: StripeApiRequest, id: string): StripeApiAnswer {
    const found = this.#of(request, 'v2.core.event').find(({ event }) => event.id === id);
    return found ? { body: found.event } : missing(`event: '${id}'`);
  }

  /** Those of the account and mode that the request is made for, the newest first. */
  #of({ account, isLive }: StripeApiRequest, object: string): AddedStripeEvent[] {
    return this.#added
      .filter(({ event }) => event.object === object && event.livemode === isLive)
      .filter(({ event }) => accountOf(event) === account)
      .reverse()
      .sort((left, right) => createdMs(right.event) - createdMs(left.event));
  }
}

/** A page of `/v1`: newest first, `starting_after` goes to older ones and `ending_before` to newer ones. */
export function v1Page(
  url: string,
  all: readonly { readonly id: string }[],
  { query }: StripeApiRequest,
): StripeApiAnswer {
  const limit = Math.min(Number(query.limit ?? 10), 100);
  const { starting_after: after, ending_before: before } = query;
  const cursor = after ?? before;
  const place = all.findIndex(({ id }) => id === cursor);
  if (cursor !== undefined && place === -1) return missing(`object: ${JSON.stringify(cursor)}`);
  const rest =
    after === undefined
      ? all.slice(0, before === undefined ? undefined : place)
      : all.slice(place + 1);
  const data = before === undefined ? rest.slice(0, limit) : rest.slice(-limit);
  return { body: { object: 'list', url, has_more: rest.length > data.length, data } };
}

/** A page of `/v2`, which names the next one by its whole URL. */
export function v2Page(all: readonly object[], { url, query }: StripeApiRequest): StripeApiAnswer {
  const limit = Math.min(Number(query.limit ?? 20), 100);
  const start = Number(query.page ?? 0);
  const pageUrl = (page: number): string => {
    const next = new URL(url, 'http://127.0.0.1');
    next.searchParams.set('page', `${page}`);
    return `${next.pathname}${next.search}`;
  };
  return {
    body: {
      data: all.slice(start, start + limit),
      next_page_url: start + limit < all.length ? pageUrl(start + limit) : null,
      previous_page_url: start > 0 ? pageUrl(Math.max(0, start - limit)) : null,
    },
  };
}

function typesOf({ query: { type, types } }: StripeApiRequest): string[] {
  return ([] as unknown[]).concat(types ?? type ?? []).map(String);
}

function isOfType({ type }: StripeEventBody, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function accountOf({ account, context }: StripeEventBody): string | undefined {
  // The SDK's own contexts are objects that write themselves as a string.
  return account ?? (context ? `${context as string}` : undefined);
}

function createdMs({ created }: StripeEventBody): number {
  return typeof created === 'number' ? created * 1000 : Date.parse(created);
}

/** Stripe takes ISO 8601; the SDK's types say seconds. */
function parseMs(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isCreated(created: number, range: unknown, parse: (text: string) => number): boolean {
  if (range === undefined) return true;
  if (typeof range === 'string') return created === parse(range);
  const { gt, gte, lt, lte } = range as Record<string, string | undefined>;
  return (
    (gt === undefined || created > parse(gt)) &&
    (gte === undefined || created >= parse(gte)) &&
    (lt === undefined || created < parse(lt)) &&
    (lte === undefined || created <= parse(lte))
  );
}
