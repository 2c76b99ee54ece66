import type { INestApplication } from '@nestjs/common';
import type { Clock } from '../inbox/clock.js';
import type { StackAuthEventMap, StackAuthEventType } from '../stack-auth/stack-auth-event-map.js';
import type { StripeEventMap, StripeEventType } from '../stripe/stripe-event-map.js';
import type { StripeNotificationType } from '../stripe/stripe-notification-map.js';
import type { DeepPartial } from './deep-partial.js';
import { countingOrigin } from './event-origin.js';
import type { EventOrigin } from './event-origin.js';
import { setIdOf } from './message-ids.js';
import { buildStackAuthEvent } from './stack-auth-event.js';
import { buildStripeEvent } from './stripe-event.js';
import type { StripeEventFields } from './stripe-event.js';
import { buildStripeNotification } from './stripe-notification.js';
import type { StripeNotificationBody, StripeNotificationFields } from './stripe-notification.js';

/**
 * Builds events whose ids count from 1 (`evt_1`, `evt_2`) and whose times are at least a second apart, by
 * the application's clock: the same in every run of a test.
 */
export interface WebhookEventBuilders {
  /** As `stripeEvent`, with this tester's ids and times. */
  stripeEvent<Type extends StripeEventType>(
    type: Type,
    fields?: StripeEventFields<Type>,
  ): StripeEventMap[Type];
  /** As `stripeNotification`, with this tester's ids and times. */
  stripeNotification<Type extends StripeNotificationType | (string & {})>(
    type: Type,
    fields?: StripeNotificationFields,
  ): StripeNotificationBody<Type>;
  /** As `stackAuthEvent`, with this tester's ids. */
  stackAuthEvent<Type extends StackAuthEventType>(
    type: Type,
    data?: DeepPartial<StackAuthEventMap[Type]['data']>,
  ): StackAuthEventMap[Type];
}

export function createEventBuilders(getOrigin: () => EventOrigin): WebhookEventBuilders {
  return {
    stripeEvent: (type, fields) => buildStripeEvent(getOrigin(), type, fields),
    stripeNotification: (type, fields) => buildStripeNotification(getOrigin(), type, fields),
    stackAuthEvent: (type, data) => {
      const origin = getOrigin();
      const event = buildStackAuthEvent(origin, type, data);
      setIdOf(event, origin.createId('msg'));
      return event;
    },
  };
}

const origins = new WeakMap<INestApplication, Map<string, EventOrigin>>();

/** Two testers of one application never give the same id. */
export function originOf(app: INestApplication, clock: Clock, idPrefix = ''): EventOrigin {
  const ofApp = origins.get(app) ?? new Map<string, EventOrigin>();
  const origin = ofApp.get(idPrefix) ?? countingOrigin(clock, idPrefix);
  ofApp.set(idPrefix, origin);
  origins.set(app, ofApp);
  return origin;
}
