import type { WebhookHandlerDecorator } from '../handlers/event-types.js';
import type { WebhookHandlerOptions } from '../handlers/webhook-subscription.interface.js';
import { addStripeSubscription } from './add-stripe-subscription.js';
import type { ChangeFilter, StripeChangeOptions } from './stripe-change-filter.js';
import type { StripeEventFor, StripeEventPattern } from './stripe-event-map.js';
import { SNAPSHOT, stripeChangeOf } from './stripe-formats.js';
import { resolveLane } from './stripe-lane.js';
import type { StripeLane } from './stripe-lane.js';
import { snapshotFilter } from './stripe-scope.js';
import type { StripeScope } from './stripe-scope.js';
import type { StripeWebhookContext } from './stripe-webhook-context.js';

export interface StripeHandlerOptions<Payload = unknown> extends Omit<
  WebhookHandlerOptions,
  'lane'
> {
  /**
   * Whose events: of the own account, of connected accounts (those with an `account`), or of both. With
   * an endpoint for connected accounts, or more than one Stripe endpoint, a handler has to give this or
   * `endpoint`, so that nobody fulfils another merchant's invoice by default.
   * @default `any`
   */
  readonly scope?: StripeScope;
  /**
   * Only live events (`true`) or only test events (`false`).
   * @default both
   */
  readonly livemode?: boolean;
  /**
   * Runs the events of a lane one at a time, whatever their handlers: those about one `object`, those of
   * one `account`, or those for which a function gives the same. It gets the event as it was sent. Such as
   * for a handler that reads and writes a row of its own.
   * @default none
   */
  readonly lane?: StripeLane<Payload>;
}

/**
 * Makes a method a handler of Stripe's snapshot events. The compiler checks the types against the
 * installed SDK and the method's parameter against the types; `OnWebhook` takes what it does not know.
 *
 * @param types A type (`invoice.paid`), a prefix (`customer.subscription.*`), `*`, or a list of these.
 *
 * @example
 * @OnStripeEvent('invoice.paid')
 * async extendSubscription(event: Stripe.InvoicePaidEvent, context: StripeWebhookContext) {}
 *
 * @example
 * @OnStripeEvent('customer.subscription.updated', { changed: 'status', to: 'past_due' })
 * async remind(event: Stripe.CustomerSubscriptionUpdatedEvent) {}
 */
export function OnStripeEvent<
  const Pattern extends StripeEventPattern,
  const Path extends string = never,
>(
  types: Pattern | readonly [Pattern, ...Pattern[]],
  given: StripeHandlerOptions<StripeEventFor<Pattern>> & StripeChangeOptions<Pattern, Path> = {},
): WebhookHandlerDecorator<StripeEventFor<Pattern>, StripeWebhookContext> {
  const { endpoint, scope, livemode, changed, from, to, lane, ...options } =
    given as StripeHandlerOptions & ChangeFilter;
  const skipReason = snapshotFilter({ scope, livemode, changed, from, to });
  const ordering = resolveLane(lane, '@OnStripeEvent');
  return (target, method) =>
    addStripeSubscription(target, method, {
      ...options,
      types: [types].flat() as string[],
      filter: { scope, livemode },
      ...(endpoint !== undefined && { endpoints: [endpoint].flat() }),
      skipReason,
      formats: [SNAPSHOT],
      changeOf: stripeChangeOf,
      ...ordering,
    });
}
