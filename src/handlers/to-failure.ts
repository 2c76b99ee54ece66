import { NonRetriableError } from '../errors/non-retriable.error.js';
import { RetryAfterError } from '../errors/retry-after.error.js';
import { SkipDelivery } from '../errors/skip-delivery.error.js';
import { retryDelayMs } from '../inbox/retry-policy.js';
import type { RetryPolicy } from '../inbox/retry-policy.js';
import type { Outcome } from '../inbox/webhook-engine.interface.js';
import { isReadable, toKeptError } from './to-kept-error.js';

/** What becomes of an attempt by what its handler has thrown. */
export function toFailure(
  thrown: unknown,
  attempt: number,
  policy: RetryPolicy,
  nowMs: number,
): Outcome {
  const kept = toKeptError(thrown);
  const error = isReadable(thrown) ? thrown : undefined;
  if (error instanceof SkipDelivery) return { status: 'skipped', reason: error.reason };
  if (error instanceof NonRetriableError || attempt >= policy.attempts) {
    return { status: 'dead', error: kept };
  }
  if (error instanceof RetryAfterError) {
    const atMs = error.retryAt?.getTime() ?? nowMs + (error.delayMs ?? 0);
    // What is over is due now. Databases have no word for the earliest of dates.
    const retryAt = new Date(Math.max(atMs, nowMs));
    return { status: 'failed', error: kept, retryAt, isHeld: true };
  }
  const delayMs = retryDelayMs(policy, attempt, Math.random());
  return { status: 'failed', error: kept, retryAt: new Date(nowMs + delayMs) };
}

/** What a reply handler throws ends its delivery: its sender has an answer and does not come again. */
export function toFinalFailure(thrown: unknown): Outcome {
  const kept = toKeptError(thrown);
  if (isReadable(thrown) && thrown instanceof SkipDelivery) {
    return { status: 'skipped', reason: thrown.reason };
  }
  return { status: 'dead', error: kept };
}
