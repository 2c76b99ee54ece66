import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import { Patience, StoppedError } from '../api/patience.js';
import { PatientStripeApi } from '../api/patient-stripe-api.js';
import { NOTIFICATION } from '../stripe-formats.js';
import { MissedEvents } from './missed-events.js';
import type { MissedEvent } from './missed-events.js';
import { StreamProgress } from './stream-progress.js';
import { readStream, StripeStreams } from './stripe-stream.js';
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
   * Only what the handlers of this endpoint listen to.
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
   * `busy` where another run is under way, in this process or another; `stopped` where the application
   * shut down meanwhile: the next run goes on there.
   */
  readonly status: 'complete' | 'stopped' | 'busy';
  /** How many events of Stripe were compared with the inbox. */
  readonly checked: number;
  /** What Stripe has and the inbox had not; by now it has, but after a dry run. */
  readonly missed: readonly MissedEvent[];
}

/** For how long a run may say nothing before another takes its place. */
const LEASE_MS = 5 * 60_000;
/** What is younger may still be on its way. */
const GRACE_MS = 60_000;
const WINDOW_MS = 24 * 60 * 60_000;
const CLAIM = 'stripe-reconciler';

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
  ) {}

  /**
   * One run at a time, in all processes. It waits where Stripe asks for it (429) and where Stripe fails for a
   * while. After a crash the next run goes on where the last one had come to.
   *
   * @throws WebhookConfigurationError for an engine that keeps nothing, StripeClientError, and the SDK's
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
    if (this.engine.capabilities.survives !== 'nothing') return;
    throw new WebhookConfigurationError(
      'StripeReconciler compares Stripe with what the inbox has stored, and this engine stores nothing that ' +
        'outlives the process: everything before would seem missed. Give WebhookInboxModule an engine such ' +
        'as postgresEngine.',
    );
  }

  async #run(options: StripeReconcileOptions): Promise<StripeReconcileReport> {
    this.assertEngineFits();
    const owner = randomUUID();
    const progress = { checked: 0, missed: [] as MissedEvent[] };
    if (!(await this.engine.claim(CLAIM, owner, LEASE_MS))) return { status: 'busy', ...progress };
    const patience = new Patience(this.clock, this.#stop.signal);
    const keepClaim = async (): Promise<void> => {
      patience.assertGoingOn();
      // Another run has taken over, after this one had been silent for too long.
      if (!(await this.engine.claim(CLAIM, owner, LEASE_MS))) throw new StoppedError();
    };
    try {
      for (const stream of await this.streams.find(options, patience)) {
        await this.#reconcile(stream, options, patience, async (checked, missed) => {
          progress.checked += checked;
          progress.missed.push(...missed);
          options.onProgress?.({ checked: progress.checked, missed: progress.missed.length });
          await keepClaim();
        });
      }
      return { status: 'complete', ...progress };
    } catch (error) {
      // While it shuts down, the engine may refuse as well.
      const isStopped = error instanceof StoppedError || this.#stop.signal.aborted;
      if (isStopped) return { status: 'stopped', ...progress };
      throw error;
    } finally {
      await this.#release(owner);
    }
  }

  async #release(owner: string): Promise<void> {
    try {
      await this.engine.release(CLAIM, owner);
    } catch {
      // Then it runs out.
    }
  }

  /** A day after the other, the oldest first: after each it is remembered how far this came. */
  async #reconcile(
    stream: StripeStream,
    { since, dryRun = false }: StripeReconcileOptions,
    patience: Patience,
    onPage: (checked: number, missed: readonly MissedEvent[]) => Promise<void>,
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
      if (!dryRun) await this.progress.remember(stream, toMs);
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
