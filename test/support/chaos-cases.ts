import type { INestApplication } from '@nestjs/common';
import type Stripe from 'stripe';
import { stripeEvent } from '../../src/testing/index.js';
import type { Chaos } from '../../src/testing/index.js';
import { Accounts } from './accounts.js';
import { startWebhookApp } from './build-webhook-app.js';
import type { WebhookAppOptions } from './build-webhook-app.js';
import {
  AppliesStaleState,
  AppliesTheNewest,
  CreditsOnce,
  HalfDoneOnCrash,
  IncrementsOnRepeat,
  LosesUpdates,
  UpdatesUnderLock,
} from './wrong-handlers.js';

/** Each with what shows that it is wrong. */
export const WRONG_HANDLERS = [
  [IncrementsOnRepeat, (tried: Chaos) => tried.repeated()],
  [AppliesStaleState, (tried: Chaos) => tried.shuffled()],
  [LosesUpdates, (tried: Chaos) => tried.concurrently()],
  [HalfDoneOnCrash, (tried: Chaos) => tried.crashingAfter('HalfDoneOnCrash.credit')],
] as const;

export const RIGHT_HANDLERS = [[CreditsOnce], [AppliesTheNewest], [UpdatesUnderLock]] as const;

export function paid(id: string, amount_paid: number): Stripe.InvoicePaidEvent {
  const object = { id, customer: 'cus_1', amount_paid };
  return stripeEvent('invoice.paid', { id: `evt_${id}`, object });
}

function updated(
  id: string,
  status: Stripe.Subscription.Status,
  created: number,
): Stripe.CustomerSubscriptionUpdatedEvent {
  const object = { id: 'sub_1', customer: 'cus_1', status };
  return stripeEvent('customer.subscription.updated', { id: `evt_${id}`, created, object });
}

/** What happens to one customer. */
export const CUSTOMER_EVENTS: readonly Stripe.Event[] = [
  paid('in_1', 100),
  paid('in_2', 20),
  paid('in_3', 3),
  updated('sub_1', 'active', 1),
  updated('sub_2', 'past_due', 2),
  updated('sub_3', 'canceled', 3),
];

export function readAccounts(app: INestApplication): object {
  return app.get(Accounts).all();
}

/** Chaos for an application with accounts, which are empty before each run. */
export async function chaosOfAccounts(
  { providers = [], ...options }: WebhookAppOptions,
  events: readonly object[] = CUSTOMER_EVENTS,
): Promise<Chaos> {
  const { app, tester } = await startWebhookApp({
    ...options,
    providers: [Accounts, ...providers],
  });
  return tester.chaos(events).startingFrom(() => app.get(Accounts).clear());
}
