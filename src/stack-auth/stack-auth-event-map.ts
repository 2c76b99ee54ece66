import type { EventFor, EventMapOf, EventPattern, EventType } from '../handlers/event-types.js';
import type { StackAuthEvent } from './stack-auth-event.js';

/** Stack Auth's events by type. */
export type StackAuthEventMap = EventMapOf<StackAuthEvent>;

/** A type of event that Stack Auth sends. */
export type StackAuthEventType = EventType<StackAuthEventMap>;

/** What `@OnStackAuthEvent` takes: a type, `prefix.*` or `*`. */
export type StackAuthEventPattern = EventPattern<StackAuthEventMap>;

/** The event that a handler of the pattern gets. */
export type StackAuthEventFor<Pattern extends string> = EventFor<StackAuthEventMap, Pattern>;
