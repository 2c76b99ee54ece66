import type { EventFor, EventMapOf, EventPattern, WebhookHandlerDecorator } from './event-types.js';
import { OnWebhook } from './on-webhook.decorator.js';
import type { WebhookContext } from './webhook-context.js';
import type { WebhookHandlerOptions } from './webhook-subscription.interface.js';

/** A decorator for handlers of the events of a union. */
export type WebhookDecorator<Union extends { readonly type: string }> = <
  const Pattern extends EventPattern<EventMapOf<Union>>,
>(
  /** A type, a prefix such as `user.*`, `*`, or a list of these. */
  types: Pattern | readonly [Pattern, ...Pattern[]],
  options?: Omit<WebhookHandlerOptions<EventFor<EventMapOf<Union>, Pattern>>, 'endpoint'>,
) => WebhookHandlerDecorator<EventFor<EventMapOf<Union>, Pattern>, WebhookContext<never>>;

/**
 * Makes a handler decorator for an endpoint, typed by the union of events that the sender publishes or you
 * write: the compiler checks the types, and the method's parameter against them. Each member of the union
 * needs a literal `type`.
 *
 * @param endpoint The endpoint's name, or several.
 *
 * @example
 * const OnClerkEvent = createWebhookDecorator<WebhookEvent>('clerk');
 *
 * @OnClerkEvent('user.created')
 * async onUser(event: UserWebhookEvent, context: WebhookContext) {}
 */
export function createWebhookDecorator<Union extends { readonly type: string }>(
  endpoint: string | readonly string[],
): WebhookDecorator<Union> {
  return (types, options) => OnWebhook(endpoint, types as string | readonly string[], options);
}
