import { setTimeout as delay } from 'node:timers/promises';
import { publishRecorded } from '../inbox/publish-recorded.js';
import { AttemptJobs } from './attempt-jobs.js';
import type { AttemptJobsOptions } from './attempt-jobs.js';
import type { Attempt, AttemptOutcome, Effects, Written } from './attempt.interface.js';
import { Coalescer } from './coalescer.js';
import { toText } from './columns.js';
import { LaneTurns } from './lane-turns.js';
import type { TakenDelivery } from './read-rows.js';
import type { SqlSession } from './sql-database.interface.js';
import { queryInSchema } from './in-schema.js';
import { SETTLE_ATTEMPTS } from './run-statements.js';
import { Succession } from './succession.js';

const MAX_FLIGHTS = 2;
const MAX_ROWS = 256;
const RETRY_MS = 500;

export interface SettlerOptions extends AttemptJobsOptions {
  readonly schema: string;
  /** Called when they are settled, or were refused because another process has taken the delivery. */
  readonly onSettled: (attempts: readonly Attempt[], effects: Effects) => void;
}

/** Writes down what attempts came to, and ends or puts back their jobs, many in a transaction. */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #coalescer: Coalescer<Attempt>;
  readonly #succession: Succession;
  readonly #jobs: AttemptJobs;
  readonly #abandonment = new AbortController();
  #unkeptCount = 0;

  constructor(options: SettlerOptions) {
    this.#options = options;
    const { queue, schema } = options;
    this.#succession = new Succession(queue, schema, new LaneTurns(schema));
    this.#jobs = new AttemptJobs(options);
    this.#coalescer = new Coalescer({
      maxFlights: MAX_FLIGHTS,
      maxItems: MAX_ROWS,
      flush: (attempts) => this.#settle(attempts),
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
    await Promise.all([this.#coalescer.idle(), this.#jobs.idle()]);
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
    const rows = await queryInSchema(session, schema, SETTLE_ATTEMPTS, toColumns(attempts));
    const ids = new Set(rows.map((row) => row['job_id']));
    const settled = attempts.filter(({ taken }) => ids.has(taken.jobId));
    const { due, ...rest } = await this.#succession.follow(session, settled);
    await queue.insertDue(session, due);
    return { settled, dueCount: due.length, ...rest };
  }

  /** An attempt that its own transaction has settled. */
  onCommitted(attempt: Attempt, effects: Effects): void {
    publishRecorded(attempt.taken, { status: 'succeeded' });
    this.#jobs.endLater(attempt);
    this.#options.onSettled([attempt], effects);
  }

  async #writeAll(session: SqlSession, attempts: readonly Attempt[]): Promise<Written> {
    const written = await this.write(session, attempts);
    await this.#jobs.release(session, written);
    return written;
  }
}

function publish({ taken, outcome }: Attempt): void {
  if (outcome.status !== 'paused') publishRecorded(taken, outcome);
}

function wasNotRun({ status }: AttemptOutcome): boolean {
  return status === 'unknown-handler' || status === 'paused';
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
