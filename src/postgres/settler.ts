import type { Clock } from '../inbox/clock.js';
import type { Outcome } from '../inbox/webhook-engine.interface.js';
import { Coalescer } from './coalescer.js';
import { toText } from './columns.js';
import type { JobQueue } from './job-queue.js';
import type { TakenDelivery } from './read-rows.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import { SETTLE_ATTEMPTS } from './run-statements.js';

const MAX_FLIGHTS = 2;
const MAX_ROWS = 256;
const RETRY_MS = 500;
/** When a delivery that failed without a time is due again; the dispatcher gives one. */
const DEFAULT_RETRY_SECONDS = 60;
const MAX_PUT_BACK_SECONDS = 60;

export interface Attempt {
  readonly taken: TakenDelivery;
  readonly outcome: Outcome;
}

export interface SettlerOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly schema: string;
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
  /** Called when they are settled, or were refused because another process has taken the delivery. */
  readonly onSettled: (attempts: readonly Attempt[]) => void;
}

/** Writes down what attempts came to, and ends or puts back their jobs, many in a transaction. */
export class Settler {
  readonly #options: SettlerOptions;
  readonly #coalescer: Coalescer<Attempt>;

  constructor(options: SettlerOptions) {
    this.#options = options;
    this.#coalescer = new Coalescer({
      maxFlights: MAX_FLIGHTS,
      maxItems: MAX_ROWS,
      flush: (attempts) => this.#settle(attempts),
    });
  }

  settle(taken: TakenDelivery, outcome: Outcome): void {
    this.#coalescer.add({ taken, outcome });
  }

  idle(): Promise<void> {
    return this.#coalescer.idle();
  }

  /** An outcome is never dropped: while the database is away, it is tried again. */
  async #settle(attempts: readonly Attempt[]): Promise<void> {
    const { database, report, onSettled } = this.#options;
    for (;;) {
      try {
        await database.transaction((session) => this.#write(session, attempts));
        break;
      } catch (error) {
        report('What handlers came to could not be kept yet.', error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    onSettled(attempts);
  }

  async #write(session: SqlSession, attempts: readonly Attempt[]): Promise<void> {
    const { queue, schema } = this.#options;
    const { rows } = await session.query(inSchema(SETTLE_ATTEMPTS, schema), toColumns(attempts));
    const ids = new Set(rows.map((row) => row['job_id']));
    const settled = attempts.filter(({ taken }) => ids.has(taken.jobId));
    await queue.finish(session, settled.filter(isFinal).map(toJob));
    await queue.putBack(
      session,
      settled
        .filter((attempt) => !isFinal(attempt))
        .map((attempt) => ({ ...toJob(attempt), delaySeconds: this.#delayOf(attempt) })),
    );
  }

  /** Relative, so that it does not matter whether the clocks of server and application agree. */
  #delayOf({ taken, outcome }: Attempt): number {
    if (outcome.status === 'unknown-handler') {
      return Math.min(2 ** Math.min(taken.claim, 10), MAX_PUT_BACK_SECONDS);
    }
    if (outcome.status !== 'failed' || !outcome.retryAt) return DEFAULT_RETRY_SECONDS;
    const delayMs = outcome.retryAt.getTime() - this.#options.clock.now();
    return Math.max(delayMs / 1000, 0);
  }
}

function isFinal({ outcome: { status } }: Attempt): boolean {
  return status !== 'failed' && status !== 'unknown-handler';
}

function toJob({ taken: { jobId, claim } }: Attempt): { id: string; retryCount: number } {
  return { id: jobId, retryCount: claim };
}

function toColumns(attempts: readonly Attempt[]): unknown[] {
  const outcomes = attempts.map(({ outcome }) => outcome);
  return [
    attempts.map(({ taken }) => taken.jobId),
    attempts.map(({ taken }) => taken.claim),
    outcomes.map(({ status }) => (status === 'unknown-handler' ? 'pending' : status)),
    outcomes.map((outcome) => ('reason' in outcome ? toText(outcome.reason) : null)),
    outcomes.map((outcome) => ('error' in outcome ? JSON.stringify(outcome.error) : null)),
    outcomes.map((outcome) => (outcome.status === 'failed' ? (outcome.retryAt ?? null) : null)),
    outcomes.map((outcome) => outcome.status === 'failed' && outcome.isHeld === true),
    outcomes.map(({ status }) => (status === 'unknown-handler' ? 1 : 0)),
  ];
}
