import type { StackAuthEventMap, StackAuthEventType } from '../stack-auth/stack-auth-event-map.js';
import type { StripeEventType } from '../stripe/stripe-event-map.js';
import type { StripeNotificationType } from '../stripe/stripe-notification-map.js';
import type { DeepPartial } from './deep-partial.js';
import type { StripeEventFields } from './stripe-event.js';
import type { StripeNotificationFields } from './stripe-notification.js';
import type { WebhookAnswer } from './tested-application.js';
import { WebhookTesterEndpoint } from './webhook-tester-endpoint.js';
import type { StandardWebhooksSendOptions } from './webhook-tester-endpoint.js';

/** Sends to an endpoint as Stripe does. */
export class StripeTesterEndpoint extends WebhookTesterEndpoint {
  /** Builds a snapshot event with the tester's ids and times, and sends it. */
  event<Type extends StripeEventType>(
    type: Type,
    fields?: StripeEventFields<Type>,
  ): Promise<WebhookAnswer> {
    return this.send(this.builders.stripeEvent(type, fields));
  }

  /** Builds an event notification ("thin event") with the tester's ids and times, and sends it. */
  notification<Type extends StripeNotificationType | (string & {})>(
    type: Type,
    fields?: StripeNotificationFields,
  ): Promise<WebhookAnswer> {
    return this.send(this.builders.stripeNotification(type, fields));
  }
}

/** Sends to an endpoint as Stack Auth does. */
export class StackAuthTesterEndpoint extends WebhookTesterEndpoint<StandardWebhooksSendOptions> {
  /** Builds an event with the tester's ids, and sends it. */
  event<Type extends StackAuthEventType>(
    type: Type,
    data?: DeepPartial<StackAuthEventMap[Type]['data']>,
  ): Promise<WebhookAnswer> {
    return this.send(this.builders.stackAuthEvent(type, data));
  }
}
