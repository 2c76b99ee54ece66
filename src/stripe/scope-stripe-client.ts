import type Stripe from 'stripe';
import { StripeClientError } from '../errors/stripe-client.error.js';

/** Whose account requests are made for: one of two headers that Stripe does not take together. */
export type StripeClientScope =
  { readonly stripeAccount: string } | { readonly stripeContext: string };

/** What of the SDK's inside the scoping stands on; the same in all versions from 20 to 23. */
interface StripeInternals {
  readonly _api?: Readonly<Record<string, unknown>>;
}

/**
 * The client with its requests made for an account. It shares key, API version, HTTP agent, retries and
 * event listeners, and does not inherit an account. The SDK has this for `Stripe-Context` since version
 * 22 only, and not for `Stripe-Account`; an option at every call would be in the handlers' hands.
 *
 * @throws StripeClientError for what is not a client of the SDK, such as a test's double.
 */
export function scopeStripeClient(client: Stripe, scope: StripeClientScope): Stripe {
  const { _api: settings } = client as unknown as StripeInternals;
  if (typeof settings !== 'object') {
    throw new StripeClientError(
      `context.stripe cannot be made for ${Object.values(scope).join()}: the configured client is not a Stripe object.`,
    );
  }
  const api = { ...settings, stripeAccount: null, stripeContext: null, ...scope };
  const scoped: Stripe = scopedView(
    client,
    (key) => (key === '_api' ? api : undefined),
    () => scoped,
  );
  return scoped;
}

/**
 * A view of the client, or of one of its resources, whose every way back to the client leads to the scoped
 * one. Nothing of the original is changed or copied.
 */
function scopedView<T extends object>(
  original: T,
  replaced: (key: string | symbol) => unknown,
  getClient: () => Stripe,
): T {
  const views = new Map<string | symbol, object>();
  return new Proxy(original, {
    get(target, key) {
      if (key === '_stripe') return getClient();
      const member: unknown = replaced(key) ?? views.get(key) ?? Reflect.get(target, key);
      if (views.has(key) || !leadsToClient(member)) return member;
      const view = scopedView(member, () => undefined, getClient);
      views.set(key, view);
      return view;
    },
  });
}

/** `v2.core.events` is the deepest. */
const MAX_DEPTH = 3;

/** Whether it is a resource, such as `customers`, or a namespace of resources, such as `billing`. */
function leadsToClient(member: unknown, depth = MAX_DEPTH): member is object {
  if (typeof member !== 'object' || member === null || depth === 0) return false;
  return (
    '_stripe' in member || Object.values(member).some((each) => leadsToClient(each, depth - 1))
  );
}
