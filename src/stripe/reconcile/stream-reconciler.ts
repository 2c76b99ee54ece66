import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK } from '../../inbox/tokens.js';
import type { Patience } from '../api/patience.js';
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { NOTIFICATION } from '../stripe-formats.js';
import { readStream } from './listed-event.js';
import { MissedEvents } from './missed-events.js';
import type { MissedEvent } from './missed-events.js';
import { toRefusedAccount } from './refused-account.js';
import type { RefusedAccount } from './refused-account.js';
import { StreamProgress } from './stream-progress.js';
import type { StripeStream } from './stripe-stream.js';

/** What is younger may still be on its way. */
const GRACE_MS = 60_000;
const WINDOW_MS = 24 * 60 * 60_000;

export interface StreamRun {
  readonly since: Date | undefined;
  /** Says what was missed, runs nothing and remembers nothing. */
  readonly dryRun: boolean;
  readonly patience: Patience;
  /** Called after each page that was read. */
  readonly onPage: (checked: number, missed: readonly MissedEvent[]) => Promise<void>;
}

/** Compares one stream with the inbox, from where it was left. */
@Injectable()
export class StreamReconciler {
  constructor(
    private readonly missedEvents: MissedEvents,
    private readonly progress: StreamProgress,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * One account that was disconnected must not keep the others from being compared.
   *
   * @returns What Stripe says where it does not list the events of the account.
   */
  async reconcile(stream: StripeStream, run: StreamRun): Promise<RefusedAccount | undefined> {
    try {
      await this.#compare(stream, run);
      return undefined;
    } catch (error) {
      const refused = toRefusedAccount(error, stream);
      if (!refused) throw error;
      return refused;
    }
  }

  /** A day after the other, the oldest first: after each it is remembered how far this came. */
  async #compare(
    stream: StripeStream,
    { since, dryRun, patience, onPage }: StreamRun,
  ): Promise<void> {
    const api = new PatientStripeApi(clientOf(stream), patience);
    const endMs = inSeconds(this.clock.now() - GRACE_MS);
    let fromMs = inSeconds(await this.progress.startOf(stream, since));
    while (fromMs < endMs) {
      const toMs = Math.min(fromMs + WINDOW_MS, endMs);
      for await (const page of readStream(stream, api, fromMs, toMs)) {
        const missed = await this.missedEvents.settle(page, stream, { dryRun, patience });
        await onPage(page.length, missed);
      }
      if (!dryRun) await this.progress.remember(stream, fromMs, toMs);
      fromMs = toMs;
    }
  }
}

function clientOf({ endpoint, livemode, account, format }: StripeStream) {
  if (account === undefined) return endpoint.clientFor({ livemode });
  const whom = format === NOTIFICATION ? { context: account } : { account };
  return endpoint.clientFor({ livemode, ...whom });
}

/** Stripe's times are in seconds. */
function inSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}
