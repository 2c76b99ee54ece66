import type { Clock } from '../inbox/clock.js';
import type { Attempt, Written } from './attempt.interface.js';
import { Coalescer } from './coalescer.js';
import type { JobQueue, TakenJob } from './job-queue.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';

const MAX_JOBS = 256;
/** When a delivery that failed without a time is due again; the dispatcher gives one. */
const DEFAULT_RETRY_SECONDS = 60;
const MAX_PUT_BACK_SECONDS = 60;

export interface AttemptJobsOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
}

/** Ends the jobs of attempts that are settled, or puts them back for the next attempt. */
export class AttemptJobs {
  /** Those of attempts that were settled before, in a transaction of their own. */
  readonly #late: Coalescer<Attempt>;

  constructor(private readonly options: AttemptJobsOptions) {
    this.#late = new Coalescer({
      maxFlights: 1,
      maxItems: MAX_JOBS,
      flush: (attempts) => this.#endLate(attempts),
    });
  }

  /** In the transaction that settles them. */
  async release(session: SqlSession, { settled, held }: Written): Promise<void> {
    const { queue } = this.options;
    const isEnded = (attempt: Attempt): boolean =>
      isFinal(attempt) || held.has(attempt.taken.jobId);
    await queue.finish(session, settled.filter(isEnded).map(toJob));
    await queue.putBack(
      session,
      settled
        .filter((attempt) => !isEnded(attempt))
        .map((attempt) => ({ ...toJob(attempt), delaySeconds: this.#delayOf(attempt) })),
    );
  }

  /**
   * For an attempt that its own transaction has settled. Every renewal of its lease has changed its job, which a
   * transaction that sees one moment only could not commit over.
   */
  endLater(attempt: Attempt): void {
    this.#late.add(attempt);
  }

  idle(): Promise<void> {
    return this.#late.idle();
  }

  /** One that could not be ended is taken once more, found settled, and ended then. */
  async #endLate(attempts: readonly Attempt[]): Promise<void> {
    const { database, queue, report } = this.options;
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
    const delayMs = outcome.retryAt.getTime() - this.options.clock.now();
    return Math.max(delayMs / 1000, 0);
  }
}

function isFinal({ outcome: { status } }: Attempt): boolean {
  return !['failed', 'unknown-handler', 'paused'].includes(status);
}

function toJob({ taken: { jobId, claim } }: Attempt): TakenJob {
  return { id: jobId, retryCount: claim };
}
