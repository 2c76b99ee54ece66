import type { StripeClientRequest } from 'nestjs-webhook-inbox/stripe';
import Stripe from 'stripe';

/** By mode, each made when it is first needed. Tests put their own here. */
export const clients = new Map<boolean, Stripe>();

export function chooseClient({ livemode }: StripeClientRequest): Stripe {
  const known = clients.get(livemode);
  if (known) return known;
  const key = livemode ? process.env.STRIPE_LIVE_KEY : process.env.STRIPE_TEST_KEY;
  const client = new Stripe(key!);
  clients.set(livemode, client);
  return client;
}
