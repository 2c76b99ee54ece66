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
    const oldestMs = this.clock.now() - KEPT_BY_STRIPE_MS;
    if (since) return Math.max(since.getTime(), oldestMs);
    const reached = await this.engine.recall(keyOf(stream));
    const startMs = reached
      ? Date.parse(reached) - OVERLAP_MS
      : Date.parse((await this.engine.recall('created'))!);
    return Math.max(startMs, oldestMs);
  }

  /** Never less than was reached before. */
  async remember(stream: StripeStream, reachedMs: number): Promise<void> {
    const before = await this.engine.recall(keyOf(stream));
    if (before !== undefined && Date.parse(before) >= reachedMs) return;
    await this.engine.remember(keyOf(stream), new Date(reachedMs).toISOString());
  }
}

function keyOf(stream: StripeStream): string {
  return `stripe-reconciler ${streamKey(stream)}`;
}
