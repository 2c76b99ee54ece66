import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import { objectOf } from './stripe-object-reference.js';
import { accountOf } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** Which events of Stripe a handler takes one at a time: those of an object, of an account, or as it says. */
export type StripeLane<Payload = unknown> =
  'object' | 'account' | ((event: Payload) => string | undefined);

const OWN_ACCOUNT = 'own account';

/**
 * The lane of the object that an event is about. Owners choose the ids of coupons, plans and products, so
 * that only account, mode and id together name one.
 */
export function objectLaneOf(payload: unknown): string | undefined {
  const id = objectOf(payload)?.id;
  if (id === undefined) return undefined;
  const envelope = payload as StripeEnvelope;
  const mode = envelope.livemode ? 'live' : 'test';
  return `${accountOf(envelope) ?? OWN_ACCOUNT} ${mode} ${id}`;
}

/**
 * A lane as a subscription has it.
 * @throws WebhookConfigurationError
 */
export function resolveLane(
  lane: StripeLane<never> | undefined,
  decorator: string,
): Pick<WebhookSubscription, 'laneOf'> {
  if (lane === undefined) return {};
  if (lane === 'object') return { laneOf: ({ payload }) => objectLaneOf(payload) };
  if (lane === 'account') {
    return { laneOf: ({ payload }) => accountOf(payload as StripeEnvelope) ?? OWN_ACCOUNT };
  }
  if (typeof lane === 'function') return { laneOf: ({ payload }) => lane(payload as never) };
  throw new WebhookConfigurationError(
    `${decorator}: lane must be 'object', 'account' or a function that gives the lane of an event.`,
  );
}
