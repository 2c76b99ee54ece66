import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import type { StripeEventFilter } from './stripe-scope.js';

/** What a decorator of Stripe asks for, with what its filters are made of. */
export interface StripeSubscription extends WebhookSubscription {
  readonly sender: 'stripe';
  readonly filter: StripeEventFilter;
  /** For the present state of objects: which, and the last parts of the types (`created`) it is for. */
  readonly about?: { readonly kind: string; readonly actions: readonly string[] | undefined };
}

export function isStripeSubscription(
  subscription: WebhookSubscription,
): subscription is StripeSubscription {
  return subscription.sender === 'stripe';
}

/** What an event says has happened to its object: the last part of its type, such as `created`. */
export function actionOf(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
