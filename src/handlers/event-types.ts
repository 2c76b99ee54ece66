/** A sender's events: what each type's payload is. */
export type EventMap = object;

/** The events of a union by their literal types. */
export type EventMapOf<Union extends { readonly type: string }> = {
  [Type in Union['type']]: EventOfType<Union, Type>;
};

/** A member of several types, as Clerk's `UserWebhookEvent` is, has only the one in the handler for it. */
type EventOfType<Event extends { readonly type: string }, Type> = Event extends unknown
  ? [Event['type']] extends [Type]
    ? Event
    : Type extends Event['type']
      ? Event & { readonly type: Type }
      : never
  : never;

type Prefix<T extends string> = T extends `${infer Head}.${infer Rest}`
  ? `${Head}.*` | `${Head}.${Prefix<Rest>}`
  : never;

/** A type of the map. */
export type EventType<Map extends EventMap> = keyof Map & string;

/** What a decorator takes: a type, `prefix.*` for all types that begin so, or `*` for all. */
export type EventPattern<Map extends EventMap> = EventType<Map> | Prefix<EventType<Map>> | '*';

type TypeMatching<Map extends EventMap, P extends string> = P extends '*'
  ? EventType<Map>
  : P extends `${infer Head}.*`
    ? Extract<EventType<Map>, `${Head}.${string}`>
    : Extract<EventType<Map>, P>;

/** The payload that a handler of this pattern gets. */
export type EventFor<Map extends EventMap, P extends string> = Map[TypeMatching<Map, P> &
  keyof Map];

/**
 * A decorator for methods that take the payload and the context, or less, and give a result. The method's own type is a
 * parameter because a property descriptor is invariant: a handler of a wider type, or of no arguments,
 * fits too. `Context` is one with `never` for a transaction, so that the method may say what its own is.
 */
export type WebhookHandlerDecorator<Payload, Context, Result = unknown> = <
  Method extends (event: Payload, context: Context) => Result,
>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void;
