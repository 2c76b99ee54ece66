import type { WebhookHandlerDecorator } from '../handlers/event-types.js';
import { resolveReplyOptions } from '../handlers/resolve-reply-options.js';
import type { NoReplyOptions, WebhookReplyOptions } from '../handlers/webhook-reply.interface.js';
import type { WebhookHandlerOptions } from '../handlers/webhook-subscription.interface.js';
import { addStripeSubscription } from './add-stripe-subscription.js';
import type { ChangeFilter, StripeChangeOptions } from './stripe-change-filter.js';
import type { StripeEventFor, StripeEventPattern, StripeEventType } from './stripe-event-map.js';
import { SNAPSHOT, stripeChangeOf } from './stripe-formats.js';
import { resolveLane } from './stripe-lane.js';
import type { StripeLane } from './stripe-lane.js';
import type { StripeReplyFor } from './stripe-reply-map.js';
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

/** The options of a reply handler. It runs at once, until `deadlineMs`. */
export type StripeReplyOptions<Type extends string> = Omit<
  StripeHandlerOptions,
  'timeoutMs' | 'lane' | 'order' | 'onDead' | 'transaction'
> &
  WebhookReplyOptions<StripeReplyFor<Type>>;

type StripeReplyDecorator<Type extends string> = WebhookHandlerDecorator<
  StripeEventFor<Type>,
  StripeWebhookContext<never>,
  StripeReplyFor<Type> | Promise<StripeReplyFor<Type>>
>;

/**
 * Makes a method a handler of Stripe's snapshot events whose result is the body of the answer, with the
 * `Stripe-Version` header. It runs at once, and only for events that Stripe posts. One handler may reply to
 * a type.
 *
 * @param types A type, or a list of types.
 *
 * @example
 * @OnStripeEvent('issuing_authorization.request', { reply: true, fallback: { approved: false } })
 * async decide(event: Stripe.IssuingAuthorizationRequestEvent): Promise<StripeAuthorizationReply> {
 *   return { approved: await this.limits.allow(event.data.object) };
 * }
 */
export function OnStripeEvent<const Type extends StripeEventType>(
  types: Type | readonly [Type, ...Type[]],
  options: StripeReplyOptions<Type>,
): StripeReplyDecorator<Type>;
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
  options?: StripeHandlerOptions<StripeEventFor<Pattern>> &
    NoReplyOptions &
    StripeChangeOptions<Pattern, Path>,
): WebhookHandlerDecorator<StripeEventFor<Pattern>, StripeWebhookContext<never>>;
export function OnStripeEvent(
  types: string | readonly string[],
  given: StripeHandlerOptions<never> &
    ChangeFilter &
    (WebhookReplyOptions<object> | NoReplyOptions) = {},
): WebhookHandlerDecorator<never, StripeWebhookContext<never>> {
  const {
    endpoint,
    scope,
    livemode,
    changed,
    from,
    to,
    lane,
    reply: _reply,
    deadlineMs: _deadlineMs,
    fallback: _fallback,
    ...options
  } = given;
  const reply = resolveReplyOptions(given, '@OnStripeEvent');
  const skipReason = snapshotFilter({ scope, livemode, changed, from, to });
  const ordering = resolveLane(lane, '@OnStripeEvent');
  return (target, method) =>
    addStripeSubscription(target, method, {
      ...options,
      types: [types].flat(),
      filter: { scope, livemode },
      ...(endpoint !== undefined && { endpoints: [endpoint].flat() }),
      skipReason,
      ...(reply && { reply }),
      formats: [SNAPSHOT],
      changeOf: stripeChangeOf,
      ...ordering,
    });
}
