import type { WebhookHandlerDecorator } from '../handlers/event-types.js';
import { addStripeSubscription } from './add-stripe-subscription.js';
import type { StripeHandlerOptions } from './on-stripe-event.decorator.js';
import { NOTIFICATION, stripeChangeOf } from './stripe-formats.js';
import type {
  StripeNotificationFor,
  StripeNotificationPattern,
} from './stripe-notification-map.js';
import { resolveLane } from './stripe-lane.js';
import { notificationFilter } from './stripe-scope.js';
import type { StripeWebhookContext } from './stripe-webhook-context.js';

/**
 * Makes a method a handler of Stripe's event notifications ("thin events"). It gets the notification with
 * `fetchEvent()` and `fetchRelatedObject()`, which ask Stripe for the present state through the configured
 * client, for the account that the notification names. They reject with StripeClientError where there is
 * no client, and with the SDK's own errors, such as for an object deleted since.
 *
 * @param types A type (`v1.customer.created`), a prefix (`v2.core.account.*`), `*`, or a list of these.
 *
 * @example
 * @OnStripeNotification('v1.billing.meter.error_report_triggered')
 * async report(notification: Stripe.Events.V1BillingMeterErrorReportTriggeredEventNotification) {
 *   const { data } = await notification.fetchEvent();
 * }
 */
export function OnStripeNotification<const Pattern extends StripeNotificationPattern>(
  types: Pattern | readonly [Pattern, ...Pattern[]],
  {
    endpoint,
    scope,
    livemode,
    lane,
    ...options
  }: StripeHandlerOptions<StripeNotificationFor<Pattern>> = {},
): WebhookHandlerDecorator<StripeNotificationFor<Pattern>, StripeWebhookContext<never>> {
  const list = [types].flat() as string[];
  const skipReason = notificationFilter({ scope, livemode }, list);
  const ordering = resolveLane(lane, '@OnStripeNotification');
  return (target, method) =>
    addStripeSubscription(target, method, {
      ...options,
      types: list,
      filter: { scope, livemode },
      ...(endpoint !== undefined && { endpoints: [endpoint].flat() }),
      skipReason,
      formats: [NOTIFICATION],
      changeOf: stripeChangeOf,
      ...ordering,
    });
}
