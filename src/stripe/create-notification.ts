import type Stripe from 'stripe';
import { NonRetriableError } from '../errors/non-retriable.error.js';
import { isApiPath } from './api/api-path.js';
import { contextOf } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** The fields of an event notification that its methods need. */
export interface NotificationEnvelope extends StripeEnvelope {
  readonly id?: string;
  readonly related_object?: { readonly url: string } | null;
}

interface Notification extends NotificationEnvelope {
  readonly fetchEvent: () => Promise<unknown>;
  /** Null for a notification that is about no object. */
  readonly fetchRelatedObject: () => Promise<unknown>;
}

/**
 * An event notification as the SDK's `parseEventNotification` gives it, made of the parsed body, so that it
 * is the same after a restart and on a replay. The client is asked for when something is fetched.
 */
export function createNotification(
  envelope: NotificationEnvelope,
  getClient: () => Stripe,
): Notification {
  const { id, related_object: relatedObject } = envelope;
  // Stripe records which event a request was made for.
  const options = { additionalHeaders: { 'Stripe-Request-Trigger': `event=${id}` } };
  const fetch = async (path: string): Promise<unknown> =>
    getClient().rawRequest('GET', path, undefined, options);

  const context = contextOf(envelope);
  return {
    ...envelope,
    ...(context !== undefined && { context: new NotificationContext(context.split('/')) }),
    fetchEvent: () => fetch(`/v2/core/events/${encodeURIComponent(String(id))}`),
    fetchRelatedObject: async () => (relatedObject ? fetch(apiPathOf(relatedObject)) : null),
  };
}

/** @throws NonRetriableError for a related object that is at no path of Stripe's API. */
function apiPathOf({ url }: { readonly url: string }): string {
  if (isApiPath(url)) return url;
  throw new NonRetriableError(
    "The notification's related object is at no path of Stripe's API, such as /v1/customers/cus_1: it is not " +
      'fetched. Check who else has the signing secret.',
  );
}

/** The SDK's `StripeContext`, of which only the type is imported. */
class NotificationContext {
  readonly #segments: readonly string[];

  constructor(segments: readonly string[]) {
    this.#segments = segments;
  }

  get segments(): string[] {
    return [...this.#segments];
  }

  push(segment: string): NotificationContext {
    return new NotificationContext([...this.#segments, segment]);
  }

  pop(): NotificationContext {
    return new NotificationContext(this.#segments.slice(0, -1));
  }

  toString(): string {
    return this.#segments.join('/');
  }

  toJSON(): string {
    return this.toString();
  }
}
