import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import { streamKey } from './stripe-stream.js';
import type { StripeStream } from './stripe-stream.js';

/** Stripe lists some events later than others that it made after them, and its clock is not ours. */
const OVERLAP_MS = 60 * 60_000;
const KEPT_BY_STRIPE_MS = 30 * 24 * 60 * 60_000;

/** How far each stream is compared, kept with the events. */
@Injectable()
export class StreamProgress {
  constructor(
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** Where a run begins, in milliseconds. At first, when the inbox was made: before, nothing was missed. */
  async startOf(stream: StripeStream, since: Date | undefined): Promise<number> {
    if (since) return Math.max(since.getTime(), this.#oldestMs);
    const reached = await this.engine.recall(keyOf(stream));
    const startMs = reached ? Date.parse(reached) - OVERLAP_MS : await this.#createdMs();
    return Math.max(startMs, this.#oldestMs);
  }

  /**
   * Keeps what was compared, where it joins what was compared before: after a run that began later, the next
   * one still begins at the gap. Never less than was reached before.
   */
  async remember(stream: StripeStream, fromMs: number, toMs: number): Promise<void> {
    const reached = await this.engine.recall(keyOf(stream));
    const reachedMs = reached ? Date.parse(reached) : await this.#createdMs();
    if (fromMs > Math.max(reachedMs, this.#oldestMs) || toMs <= reachedMs) return;
    await this.engine.remember(keyOf(stream), new Date(toMs).toISOString());
  }

  async #createdMs(): Promise<number> {
    return Date.parse((await this.engine.recall('created'))!);
  }

  /** What Stripe has forgotten can no longer be compared. */
  get #oldestMs(): number {
    return this.clock.now() - KEPT_BY_STRIPE_MS;
  }
}

function keyOf(stream: StripeStream): string {
  return `stripe-reconciler ${streamKey(stream)}`;
}
