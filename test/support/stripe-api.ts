import Stripe from 'stripe';
import { stripeApiDouble } from '../../src/testing/index.js';
import type { StripeApiAnswer, StripeApiDouble } from '../../src/testing/index.js';

export type { StripeApiAnswer };

type StripeConfig = NonNullable<ConstructorParameters<typeof Stripe>[1]>;

export interface StripeApi extends StripeApiDouble {
  /** A real client that talks to it. */
  readonly client: Stripe;
  readonly clientFor: (config: StripeConfig, apiKey?: string) => Stripe;
}

const CUSTOMER: StripeApiAnswer = { body: { id: 'cus_1', object: 'customer' } };

/** The kit's own API with a client. What it has no answer for gets a customer by default. */
export async function startStripeApi(
  answer: (url: string) => StripeApiAnswer | Promise<StripeApiAnswer> = () => CUSTOMER,
): Promise<StripeApi> {
  const api = await stripeApiDouble({ otherwise: ({ url }) => answer(url) });
  const clientFor = (config: StripeConfig, apiKey = 'sk_test_1'): Stripe =>
    new Stripe(apiKey, { ...api.clientOptions, ...config });
  return Object.assign(api, { client: clientFor({}), clientFor });
}
