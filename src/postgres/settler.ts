import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../inbox/clock.js';
import { publishRecorded } from '../inbox/publish-recorded.js';
import { NO_EFFECTS } from './attempt.interface.js';
import type { Attempt, AttemptOutcome, Effects } from './attempt.interface.js';
import { Coalescer } from './coalescer.js';
import { toText } from './columns.js';
import type { JobQueue, TakenJob } from './job-queue.js';
import { LaneTurns } from './lane-turns.js';
import type { TakenDelivery } from './read-rows.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import { SETTLE_ATTEMPTS } from './run-statements.js';
import { Succession } from './succession.js';

const MAX_FLIGHTS = 2;
const MAX_ROWS = 256;
const RETRY_MS = 500;
/** When a delivery that failed without a time is due again; the dispatcher gives one. */
const DEFAULT_RETRY_SECONDS = 60;
const MAX_PUT_BACK_SECONDS = 60;

export interface SettlerOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly schema: string;
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
  /** Called when they are settled, or were refused because another process has taken the delivery. */
  readonly onSettled: (attempts: readonly Attempt[], effects: Effects) => void;
}

/** What writing outcomes came to. */
export interface Written extends Effects {
  /** The attempts that still had their delivery. */
  readonly settled: readonly Attempt[];
  /** The jobs of those that are held back, because their handler is paused. */
  readonly held: ReadonlySet<string>;
}

/** Writes down what attempts came to, and ends or puts back their jobs, many in a transaction. */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #coalescer: Coalescer<Attempt>;
  readonly #turns: LaneTurns;
  readonly #succession: Succession;
  /** Deliveries that were settled elsewhere, whose jobs are to be ended. */
  readonly #settledJobs: Coalescer<Attempt>;
  readonly #abandonment = new AbortController();
  #unkeptCount = 0;

  constructor(options: SettlerOptions) {
    this.#options = options;
    const { queue, schema } = options;
    this.#turns = new LaneTurns(schema);
    this.#succession = new Succession(queue, schema, this.#turns);
    this.#coalescer = new Coalescer({
      maxFlights: MAX_FLIGHTS,
      maxItems: MAX_ROWS,
      flush: (attempts) => this.#settle(attempts),
    });
    this.#settledJobs = new Coalescer({
      maxFlights: 1,
      maxItems: MAX_ROWS,
      flush: (attempts) => this.#endJobs(attempts),
    });
  }

  settle(taken: TakenDelivery, outcome: AttemptOutcome): void {
    if (!this.#isAbandoned) this.#coalescer.add({ taken, outcome });
  }

  /** What is not kept by now is left to whoever gets the delivery when its lease is over. */
  abandon(): void {
    this.#abandonment.abort();
  }

  /** What so many runs came to was left. */
  get unkeptCount(): number {
    return this.#unkeptCount;
  }

  async idle(): Promise<void> {
    await Promise.all([this.#coalescer.idle(), this.#settledJobs.idle()]);
  }

  get #isAbandoned(): boolean {
    return this.#abandonment.signal.aborted;
  }

  async #settle(attempts: readonly Attempt[]): Promise<void> {
    const written = await this.#keep(attempts);
    if (!written) {
      this.#unkeptCount += attempts.filter(({ outcome }) => !wasNotRun(outcome)).length;
      return;
    }
    written.settled.forEach(publish);
    this.#options.onSettled(attempts, written);
  }

  /** While the database is away, it is tried again: an outcome is dropped only where all is abandoned. */
  async #keep(attempts: readonly Attempt[]): Promise<Written | undefined> {
    const { database, report } = this.#options;
    const { signal } = this.#abandonment;
    while (!this.#isAbandoned) {
      try {
        return await database.transaction((session) => this.#writeAll(session, attempts));
      } catch (error) {
        if (this.#isAbandoned) break;
        report('What handlers came to could not be kept yet.', error);
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** What has lost its delivery is refused. The jobs of the others are left to whoever calls. */
  async write(session: SqlSession, attempts: readonly Attempt[]): Promise<Written> {
    const { queue, schema } = this.#options;
    const { rows } = await session.query(inSchema(SETTLE_ATTEMPTS, schema), toColumns(attempts));
    const ids = new Set(rows.map((row) => row['job_id']));
    const settled = attempts.filter(({ taken }) => ids.has(taken.jobId));
    const { due, ...rest } = await this.#succession.follow(session, settled);
    await queue.insert(session, due);
    return { settled, dueCount: due.length, ...rest };
  }

  /**
   * An attempt that its own transaction has settled. Its job is ended after that: every renewal of its lease
   * has changed it, which a transaction that sees one moment only could not commit over.
   */
  onCommitted(attempt: Attempt, effects: Effects): void {
    publishRecorded(attempt.taken, { status: 'succeeded' });
    this.#settledJobs.add(attempt);
    this.#options.onSettled([attempt], effects);
  }

  /** Ends jobs that were taken and are not run, and passes on the turns that they have got. */
  async endIdle(jobs: readonly TakenJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { database, queue, onSettled } = this.#options;
    const dueCount = await database.transaction(async (session) => {
      const ids = await this.#turns.passIdle(
        session,
        jobs.map(({ id }) => id),
      );
      await queue.finish(session, jobs);
      await queue.insert(
        session,
        ids.map((id) => ({ id })),
      );
      return ids.length;
    });
    if (dueCount > 0) onSettled([], { ...NO_EFFECTS, dueCount });
  }

  async #writeAll(session: SqlSession, attempts: readonly Attempt[]): Promise<Written> {
    const { queue } = this.#options;
    const written = await this.write(session, attempts);
    const { settled, held } = written;
    const isEnded = (attempt: Attempt): boolean =>
      isFinal(attempt) || held.has(attempt.taken.jobId);
    await queue.finish(session, settled.filter(isEnded).map(toJob));
    await queue.putBack(
      session,
      settled
        .filter((attempt) => !isEnded(attempt))
        .map((attempt) => ({ ...toJob(attempt), delaySeconds: this.#delayOf(attempt) })),
    );
    return written;
  }

  /** One that could not be ended is taken once more, found settled, and ended then. */
  async #endJobs(attempts: readonly Attempt[]): Promise<void> {
    const { database, queue, report } = this.#options;
    await queue
      .finish(database, attempts.map(toJob))
      .catch((error) => report('Jobs of settled deliveries could not be ended.', error));
  }

  /** Relative, so that it does not matter whether the clocks of server and application agree. */
  #delayOf({ taken, outcome }: Attempt): number {
    if (outcome.status === 'paused') return 0;
    if (outcome.status === 'unknown-handler') {
      return Math.min(2 ** Math.min(taken.claim, 10), MAX_PUT_BACK_SECONDS);
    }
    if (outcome.status !== 'failed' || !outcome.retryAt) return DEFAULT_RETRY_SECONDS;
    const delayMs = outcome.retryAt.getTime() - this.#options.clock.now();
    return Math.max(delayMs / 1000, 0);
  }
}

function publish({ taken, outcome }: Attempt): void {
  if (outcome.status !== 'paused') publishRecorded(taken, outcome);
}

function isFinal({ outcome: { status } }: Attempt): boolean {
  return !['failed', 'unknown-handler', 'paused'].includes(status);
}

function wasNotRun({ status }: AttemptOutcome): boolean {
  return status === 'unknown-handler' || status === 'paused';
}

function toJob({ taken: { jobId, claim } }: Attempt): { id: string; retryCount: number } {
  return { id: jobId, retryCount: claim };
}

function toColumns(attempts: readonly Attempt[]): unknown[] {
  const outcomes = attempts.map(({ outcome }) => outcome);
  return [
    attempts.map(({ taken }) => taken.jobId),
    attempts.map(({ taken }) => taken.claim),
    outcomes.map((outcome) => (wasNotRun(outcome) ? 'pending' : outcome.status)),
    outcomes.map((outcome) => ('reason' in outcome ? toText(outcome.reason) : null)),
    outcomes.map((outcome) => ('error' in outcome ? JSON.stringify(outcome.error) : null)),
    outcomes.map((outcome) => (outcome.status === 'failed' ? (outcome.retryAt ?? null) : null)),
    outcomes.map((outcome) => outcome.status === 'failed' && outcome.isHeld === true),
    outcomes.map((outcome) => (wasNotRun(outcome) ? 1 : 0)),
  ];
}
