import type { WebhookHandlerDecorator } from '../handlers/event-types.js';
import type { WebhookContext } from '../handlers/webhook-context.js';
import { addSubscription } from '../handlers/webhook-handler.accessor.js';
import type { WebhookHandlerOptions } from '../handlers/webhook-subscription.interface.js';
import type { StackAuthEventFor, StackAuthEventPattern } from './stack-auth-event-map.js';

/**
 * Makes a method a handler of Stack Auth's events. The compiler checks the types, and the method's
 * parameter against them; `OnWebhook` takes what this version does not know.
 *
 * @param types A type (`user.created`), a prefix (`team.*`), `*`, or a list of these.
 *
 * @example
 * @OnStackAuthEvent('user.created')
 * async addUser(event: StackAuthUserCreatedEvent, context: WebhookContext) {}
 */
export function OnStackAuthEvent<const Pattern extends StackAuthEventPattern>(
  types: Pattern | readonly [Pattern, ...Pattern[]],
  { endpoint, lane, ...options }: WebhookHandlerOptions<StackAuthEventFor<Pattern>> = {},
): WebhookHandlerDecorator<StackAuthEventFor<Pattern>, WebhookContext<never>> {
  return (target, method) =>
    addSubscription(target, method, {
      ...options,
      sender: 'stack-auth',
      types: [types].flat() as string[],
      ...(endpoint !== undefined && { endpoints: [endpoint].flat() }),
      ...(lane && { laneOf: ({ payload }) => lane(payload as StackAuthEventFor<Pattern>) }),
    });
}
