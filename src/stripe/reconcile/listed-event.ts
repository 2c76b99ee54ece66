import type { StripeApi } from '../api/stripe-api.js';
import { SNAPSHOT } from '../stripe-formats.js';
import type { StripeStream } from './stripe-stream.js';

/** What Stripe takes at once. */
const MAX_TYPES = 20;

/** An event as Stripe lists it. */
export interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly created: number | string;
  readonly account?: string;
  readonly context?: string | null;
}

/** The pages of a stream between two times, in whole seconds, by groups of types. */
export async function* readStream(
  { types, format }: StripeStream,
  api: StripeApi,
  fromMs: number,
  toMs: number,
): AsyncGenerator<readonly ListedEvent[]> {
  const all = [...types.keys()];
  for (let start = 0; start < all.length; start += MAX_TYPES) {
    const group = all.slice(start, start + MAX_TYPES);
    if (format === SNAPSHOT) {
      yield* api.pages<ListedEvent>('/v1/events', {
        types: group,
        'created[gte]': fromMs / 1000,
        'created[lt]': toMs / 1000,
        limit: 100,
      });
    } else {
      yield* api.pagesV2<ListedEvent>('/v2/core/events', {
        types: group,
        'created[gte]': new Date(fromMs).toISOString(),
        'created[lt]': new Date(toMs).toISOString(),
        limit: 100,
      });
    }
  }
}

/** Stripe names the account in what it sends, and not always in what it lists for the account. */
export function asSent(event: ListedEvent, { format, account }: StripeStream): object {
  if (account === undefined) return event;
  return format === SNAPSHOT
    ? { ...event, account: event.account ?? account }
    : { ...event, context: event.context ?? account };
}
