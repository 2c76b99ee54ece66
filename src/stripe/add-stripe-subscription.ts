import { addSubscription } from '../handlers/webhook-handler.accessor.js';
import type { StripeSubscription } from './stripe-subscription.interface.js';

/** Adds what a decorator of Stripe asks for to a method. */
export function addStripeSubscription(
  target: object,
  method: string | symbol,
  subscription: Omit<StripeSubscription, 'sender' | 'hasScope'>,
): void {
  const ofStripe: StripeSubscription = {
    ...subscription,
    sender: 'stripe',
    hasScope: subscription.filter.scope !== undefined,
  };
  addSubscription(target, method, ofStripe);
}
