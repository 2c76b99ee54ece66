import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { WebhookEngine } from '../../src/index.js';
import { OnStripeEvent, OnStripeNotification, StripeReconciler } from '../../src/stripe/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import type { ManualClock } from '../../src/testing/index.js';
import { startWebhookApp } from './build-webhook-app.js';
import type { WebhookApp, WebhookAppOptions } from './build-webhook-app.js';
import { observedEngine } from './observed-engine.js';

export const HOUR_MS = 60 * 60_000;

/** Handlers of both formats and all accounts that note what they got. */
@Injectable()
export class Ledgers {
  readonly runs: string[] = [];
  readonly contexts: StripeWebhookContext[] = [];

  @OnStripeEvent(['invoice.paid', 'invoice.voided'], { scope: 'any' })
  onInvoice(event: { id: string }, context: StripeWebhookContext): void {
    this.runs.push(event.id);
    this.contexts.push(context);
  }

  @OnStripeNotification('v1.customer.created', { scope: 'any' })
  onCustomer(event: { id: string }, context: StripeWebhookContext): void {
    this.runs.push(event.id);
    this.contexts.push(context);
  }
}

/** A store that several applications of a test share, and that a crash leaves as it is. */
export function survivingEngine(): WebhookEngine {
  return observedEngine({ capabilities: { survives: 'crash' } }).engine;
}

export interface ReconciledApp extends WebhookApp {
  readonly reconciler: StripeReconciler;
  readonly ledgers: Ledgers;
  readonly clock: ManualClock;
}

/** An application whose inbox was made some time ago. */
export async function startReconciledApp({
  client,
  engine = survivingEngine(),
  clock = manualClock(),
  ageMs = HOUR_MS,
  endpoint,
  endpoints = [{}],
  providers = [],
  ...options
}: Pick<WebhookAppOptions, 'adapter' | 'providers'> & {
  readonly client: Stripe;
  readonly engine?: WebhookEngine;
  readonly clock?: ManualClock;
  /** How long ago the inbox was made, in milliseconds. Default: an hour. */
  readonly ageMs?: number;
  /** What all endpoints have. */
  readonly endpoint?: NonNullable<WebhookAppOptions['endpoints']>[number];
  readonly endpoints?: WebhookAppOptions['endpoints'];
}): Promise<ReconciledApp> {
  const webhookApp = await startWebhookApp({
    ...options,
    endpoints: endpoints.map((each) => ({ client, toleranceSeconds: 1e9, ...endpoint, ...each })),
    inbox: { engine, ack: 'handled' },
    clock,
    providers: [Ledgers, ...providers],
  });
  if (ageMs > 0) await clock.advance(ageMs);
  const { app } = webhookApp;
  return { ...webhookApp, clock, reconciler: app.get(StripeReconciler), ledgers: app.get(Ledgers) };
}

/** Seconds since 1970, so long before the clock's time. */
export function secondsAgo(clock: ManualClock, ms: number): number {
  return Math.floor((clock.now() - ms) / 1000);
}

/** Paid invoices of an account, one a second, the last of them ten minutes ago. */
export function paidInvoices(clock: ManualClock, count: number, account?: string) {
  return Array.from({ length: count }, (_, index) =>
    stripeEvent('invoice.paid', {
      created: secondsAgo(clock, 10 * 60_000 + (count - index) * 1000),
      ...(account !== undefined && { account }),
    }),
  );
}
