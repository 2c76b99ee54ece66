import type { Delivery, DeliveryStatus, KeptError } from '../delivery.interface.js';
import type { Outcome, SettledDelivery, WantedDelivery } from '../webhook-engine.interface.js';
import type { WebhookEvent } from '../webhook-event.interface.js';

/** What a delivery in memory is at the moment. It has its event, body included, only while it may have to run. */
export interface DeliveryState {
  wanted: WantedDelivery;
  readonly endpoint: string;
  event: WebhookEvent | undefined;
  status: DeliveryStatus;
  attempts: number;
  replays: number;
  reason: string | undefined;
  error: KeptError | undefined;
  retryAt: Date | undefined;
}

/** What an attempt came to. */
export function keepOutcome(delivery: DeliveryState, outcome: Outcome, keepsBodies: boolean): void {
  const isUnknown = outcome.status === 'unknown-handler';
  delivery.status = isUnknown ? 'failed' : outcome.status;
  if (isUnknown) delivery.attempts -= 1;
  delivery.error = 'error' in outcome ? outcome.error : undefined;
  delivery.reason = outcome.status === 'skipped' ? outcome.reason : undefined;
  // Nothing here retries by itself, so a time that no handler has set says nothing.
  const isHeld = outcome.status === 'failed' && outcome.isHeld;
  delivery.retryAt = isHeld ? outcome.retryAt : undefined;
  // The next attempt parses the body again: the handler may have changed what it was given.
  const event = delivery.event!;
  const isKept = delivery.status === 'failed' || keepsBodies;
  delivery.event = isKept ? { ...event, payload: undefined } : undefined;
}

/** It was run before it came here, and never will be again. */
export function keepSettled(delivery: DeliveryState, { outcome, attempts }: SettledDelivery): void {
  delivery.status = outcome.status;
  delivery.attempts = attempts;
  delivery.reason = outcome.status === 'skipped' ? outcome.reason : undefined;
  delivery.error = outcome.status === 'dead' ? outcome.error : undefined;
}

/** As if it had never been run; with the reason where it is not to be run. */
export function startAnew(delivery: DeliveryState, reason: string | undefined): void {
  delivery.attempts = 0;
  delivery.replays += 1;
  delivery.reason = reason;
  delivery.error = undefined;
  delivery.retryAt = undefined;
}

export function toDelivery(state: DeliveryState): Delivery {
  const { wanted, endpoint, status, attempts, replays, reason, error, retryAt } = state;
  const stored: { -readonly [K in keyof Delivery]: Delivery[K] } = {
    handler: wanted.handler,
    endpoint,
    status,
    attempts,
  };
  if (replays > 0) stored.replays = replays;
  if (reason !== undefined) stored.reason = reason;
  if (error) stored.error = error;
  if (retryAt) stored.retryAt = retryAt;
  if (wanted.settled) stored.reply = JSON.parse(wanted.settled.reply);
  return stored;
}
