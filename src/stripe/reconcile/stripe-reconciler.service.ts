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
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { NOTIFICATION } from '../stripe-formats.js';
import { MissedEvents } from './missed-events.js';
import type { MissedEvent } from './missed-events.js';
import { readStream } from './listed-event.js';
import { toRefusedAccount } from './refused-account.js';
import type { RefusedAccount } from './refused-account.js';
import { RunClaim } from './run-claim.js';
import { StreamProgress } from './stream-progress.js';
import { StripeStreams } from './stripe-stream.js';
import type { StripeStream } from './stripe-stream.js';

export interface StripeReconcileOptions {
  /**
   * From when on. Stripe has events for 30 days.
   * @default where the last run ended, less an hour; at first, when the inbox was made
   */
  readonly since?: Date;
  /**
   * The connected accounts, such as `acct_…`.
   * @default all that Stripe lists for the client's account, where handlers listen to connected accounts
   */
  readonly accounts?: readonly string[];
  /**
   * Only the accounts, modes and formats that the handlers of this endpoint listen to. What is found there
   * goes through all endpoints that it is for.
   * @default all Stripe endpoints
   */
  readonly endpoint?: string;
  /**
   * The mode.
   * @default what the client's key or the endpoint's `livemode` says
   */
  readonly livemode?: boolean;
  /**
   * Says what was missed, runs nothing and remembers nothing.
   * @default false
   */
  readonly dryRun?: boolean;
  /** Called after each page that was read. */
  readonly onProgress?: (progress: { readonly checked: number; readonly missed: number }) => void;
}

export interface StripeReconcileReport {
  /**
   * `incomplete` where Stripe has refused connected accounts; `busy` where another run is under way, in this
   * process or another; `stopped` where the application shut down meanwhile, or another run took over: the
   * next one goes on there.
   */
  readonly status: 'complete' | 'incomplete' | 'stopped' | 'busy';
  /** How many events of Stripe were compared with the inbox. */
  readonly checked: number;
  /** What Stripe has and the inbox had not; by now it has, but after a dry run. */
  readonly missed: readonly MissedEvent[];
  /** The connected accounts that Stripe lists no events of for this key. The others were compared. */
  readonly refused: readonly RefusedAccount[];
}

/** What is younger may still be on its way. */
const GRACE_MS = 60_000;
const WINDOW_MS = 24 * 60 * 60_000;
/** Stripe has events for 30 days. */
const MIN_KEEP_IDS_DAYS = 31;

type OnPage = (checked: number, missed: readonly MissedEvent[]) => Promise<void>;

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
    private readonly missedEvents: MissedEvents,
    private readonly progress: StreamProgress,
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
    const onPage = async (checked: number, missed: readonly MissedEvent[]): Promise<void> => {
      report.checked += checked;
      report.missed.push(...missed);
      options.onProgress?.({ checked: report.checked, missed: report.missed.length });
      await claim.renew();
      patience.assertGoingOn();
    };
    try {
      for (const stream of await this.streams.find(options, patience)) {
        const refused = await this.#unlessRefused(stream, options, patience, onPage);
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

  /** One account that was disconnected must not keep the others from being compared. */
  async #unlessRefused(
    stream: StripeStream,
    ...rest: [StripeReconcileOptions, Patience, OnPage]
  ): Promise<RefusedAccount | undefined> {
    try {
      await this.#reconcile(stream, ...rest);
      return undefined;
    } catch (error) {
      const refused = toRefusedAccount(error, stream);
      if (!refused) throw error;
      return refused;
    }
  }

  /** A day after the other, the oldest first: after each it is remembered how far this came. */
  async #reconcile(
    stream: StripeStream,
    { since, dryRun = false }: StripeReconcileOptions,
    patience: Patience,
    onPage: OnPage,
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
