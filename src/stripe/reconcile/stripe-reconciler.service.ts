import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { Clock } from '../../inbox/clock.js';
import {
  WEBHOOK_INBOX_CLOCK,
  WEBHOOK_INBOX_ENGINE,
  WEBHOOK_INBOX_SETTINGS,
} from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import type { WebhookInboxSettings } from '../../inbox/webhook-inbox.options.js';
import { Patience, StoppedError } from '../api/patience.js';
import type { MissedEvent } from './missed-events.js';
import type { RefusedAccount } from './refused-account.js';
import { RunClaim } from './run-claim.js';
import { StreamReconciler } from './stream-reconciler.js';
import type { StreamRun } from './stream-reconciler.js';
import type {
  StripeReconcileOptions,
  StripeReconcileReport,
} from './stripe-reconcile.interface.js';
import { StripeStreams } from './stripe-stream.js';

/** Stripe has events for 30 days. */
const MIN_KEEP_IDS_DAYS = 31;

/**
 * Finds events that Stripe has and the inbox has not, because no delivery of them ever arrived, and puts
 * them through the inbox as if they had: the same ids, the same handlers, once. They have
 * `arrivedBy: 'reconciled'`.
 */
@Injectable()
export class StripeReconciler implements BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #runs = new Set<Promise<unknown>>();

  constructor(
    private readonly streams: StripeStreams,
    private readonly streamReconciler: StreamReconciler,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
  ) {}

  /**
   * One run at a time, in all processes. It waits where Stripe asks for it (429) and where Stripe fails for a
   * while. After a crash the next run goes on where the last one had come to.
   *
   * @throws WebhookConfigurationError for an engine that keeps nothing or too little, StripeClientError, and the SDK's
   * errors that do not pass.
   *
   * @example
   * const { missed } = await reconciler.run({ since: new Date('2026-11-20') });
   */
  run(options: StripeReconcileOptions = {}): Promise<StripeReconcileReport> {
    const run = this.#run(options);
    const forget = (): void => void this.#runs.delete(run);
    this.#runs.add(run);
    run.then(forget, forget);
    return run;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#runs);
  }

  /** @throws WebhookConfigurationError where a run could not tell what was missed. */
  assertEngineFits(): void {
    if (this.engine.capabilities.survives === 'nothing') {
      throw new WebhookConfigurationError(
        'StripeReconciler compares Stripe with what the inbox has stored, and this engine stores nothing that ' +
          'outlives the process: everything before would seem missed. Give WebhookInboxModule an engine such ' +
          'as postgresEngine.',
      );
    }
    const { keepIdsDays } = this.settings;
    if (keepIdsDays >= MIN_KEEP_IDS_DAYS) return;
    throw new WebhookConfigurationError(
      `StripeReconciler needs keepIdsDays of ${MIN_KEEP_IDS_DAYS} or more, and it is ${keepIdsDays}: Stripe lists ` +
        'events for 30 days, and one whose id is forgotten would seem missed and run again.',
    );
  }

  async #run(options: StripeReconcileOptions): Promise<StripeReconcileReport> {
    this.assertEngineFits();
    const report = { checked: 0, missed: [] as MissedEvent[], refused: [] as RefusedAccount[] };
    const claim = await RunClaim.take(this.engine, this.clock);
    if (!claim) return { status: 'busy', ...report };
    const signal = AbortSignal.any([this.#stop.signal, claim.lost]);
    const patience = new Patience(this.clock, signal);
    const onPage: StreamRun['onPage'] = async (checked, missed) => {
      report.checked += checked;
      report.missed.push(...missed);
      options.onProgress?.({ checked: report.checked, missed: report.missed.length });
      await claim.renew();
      patience.assertGoingOn();
    };
    const { since, dryRun = false } = options;
    const run = { since, dryRun, patience, onPage };
    try {
      for (const stream of await this.streams.find(options, patience)) {
        const refused = await this.streamReconciler.reconcile(stream, run);
        if (refused) report.refused.push(refused);
      }
      return { status: report.refused.length > 0 ? 'incomplete' : 'complete', ...report };
    } catch (error) {
      // While it shuts down, the engine may refuse as well.
      if (error instanceof StoppedError || signal.aborted) return { status: 'stopped', ...report };
      throw error;
    } finally {
      await claim.giveBack();
    }
  }
}
