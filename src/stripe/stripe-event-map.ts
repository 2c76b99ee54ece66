import type Stripe from 'stripe';
import type { EventFor, EventPattern, EventType } from '../handlers/event-types.js';

/** Stripe's snapshot events by type. A mapped type: cheaper for the compiler than `Extract`. */
export type StripeEventMap = { [Event in Stripe.Event as Event['type']]: Event };

/** A snapshot event's type that the installed SDK knows. */
export type StripeEventType = EventType<StripeEventMap>;

/** What `@OnStripeEvent` takes: a type, `prefix.*` or `*`. */
export type StripeEventPattern = EventPattern<StripeEventMap>;

/** The event that a handler of the pattern gets. */
export type StripeEventFor<Pattern extends string> = EventFor<StripeEventMap, Pattern>;
