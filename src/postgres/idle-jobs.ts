import type { JobQueue, TakenJob } from './job-queue.js';
import { LaneTurns } from './lane-turns.js';
import type { SqlDatabase } from './sql-database.interface.js';

export interface IdleJobsOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly schema: string;
  /** Called with how many deliveries are due by it. */
  readonly onDue: (count: number) => void;
}

/** Jobs that were taken and are not run: their delivery waits for its turn, or is settled already. */
export class IdleJobs {
  readonly #turns: LaneTurns;

  constructor(private readonly options: IdleJobsOptions) {
    this.#turns = new LaneTurns(options.schema);
  }

  /** Ends them, and passes on the turns that they have got. */
  async end(jobs: readonly TakenJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { database, queue, onDue } = this.options;
    const dueCount = await database.transaction(async (session) => {
      const ids = await this.#turns.passIdle(
        session,
        jobs.map(({ id }) => id),
      );
      await queue.finish(session, jobs);
      await queue.insertDue(session, ids);
      return ids.length;
    });
    if (dueCount > 0) onDue(dueCount);
  }
}
