import type { WebhookHandlerDecorator } from './event-types.js';
import type { WebhookContext } from './webhook-context.js';
import { addSubscription } from './webhook-handler.accessor.js';
import type { WebhookHandlerOptions } from './webhook-subscription.interface.js';

/**
 * Makes a method a handler of events by their names alone, for types that the installed SDK does not
 * know yet. The payload is not checked by the compiler: give the parameter the type you expect.
 *
 * @param endpoint The endpoint's name, or several.
 * @param types A type, `prefix.*`, `*`, or a list of these.
 *
 * @example
 * @OnWebhook('stripe', 'invoice.brand_new')
 * async onBrandNew(event: unknown, context: WebhookContext) {}
 */
export function OnWebhook(
  endpoint: string | readonly string[],
  types: string | readonly string[],
  { lane, ...options }: Omit<WebhookHandlerOptions<never>, 'endpoint'> = {},
  // A parameter of any type takes `never`.
): WebhookHandlerDecorator<never, WebhookContext<never>> {
  return (target, method) =>
    addSubscription(target, method, {
      ...options,
      endpoints: [endpoint].flat(),
      types: [types].flat(),
      ...(lane && { laneOf: ({ payload }) => lane(payload as never) }),
    });
}
