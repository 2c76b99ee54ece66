import type { Clock } from '../inbox/clock.js';
import { JobQueue } from './job-queue.js';
import type { NewJob, ReturnedJob, TakenJob } from './job-queue.js';
import { inSchema } from './in-schema.js';
import { jobSchemaOf } from './migrate.js';
import { toDate } from './read-rows.js';
import { FIND_WAITING } from './run-statements.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';

/** By the database's time, which goes on while the clock stands still, what waits is not due before. */
const NEVER_SECONDS = 10 * 365 * 24 * 60 * 60;

export interface ManualJobQueueOptions {
  readonly database: SqlDatabase;
  /** The engine's schema. */
  readonly schema: string;
  readonly clock: Clock;
  readonly report: (message: string, error?: unknown) => void;
}

/**
 * The queue where a test moves the clock: jobs are due by it, and not by the database's time. When they are
 * is known in this process alone. Leases go by the database's time as ever.
 */
export class ManualJobQueue extends JobQueue {
  readonly #waiting = new Map<string, { readonly dueAtMs: number; readonly cancel: () => void }>();
  #onDue: (count: number) => void = () => undefined;

  constructor(private readonly options: ManualJobQueueOptions) {
    super(options.database, jobSchemaOf(options.schema), options.report);
  }

  /**
   * Takes over what waits already.
   *
   * @param onDue Called with how many are due, when the clock has come to their time.
   */
  async begin(onDue: (count: number) => void): Promise<void> {
    this.#onDue = onDue;
    const { database, schema, clock } = this.options;
    const { rows } = await database.query(inSchema(FIND_WAITING, schema));
    for (const row of rows) {
      const { job_id: id, retry_at: retryAt } = row;
      this.#wait(String(id), retryAt === null ? clock.now() : toDate(retryAt).getTime());
    }
  }

  override async stop(): Promise<void> {
    this.#forget([...this.#waiting.keys()]);
    await super.stop();
  }

  override insert(session: SqlSession, jobs: readonly NewJob[]): Promise<void> {
    const held = jobs.map(({ id, startAfterSeconds: delaySeconds }): NewJob => {
      return delaySeconds ? { id, startAfterSeconds: this.#waitFor(id, delaySeconds) } : { id };
    });
    return super.insert(session, held);
  }

  override putBack(session: SqlSession, jobs: readonly ReturnedJob[]): Promise<void> {
    const held = jobs.map((job): ReturnedJob => {
      const { id, delaySeconds } = job;
      return delaySeconds > 0 ? { ...job, delaySeconds: this.#waitFor(id, delaySeconds) } : job;
    });
    return super.putBack(session, held);
  }

  override async take(count: number): Promise<readonly TakenJob[]> {
    await this.#release();
    const taken = await super.take(count);
    this.#forget(taken.map(({ id }) => id));
    return taken;
  }

  #waitFor(id: string, delaySeconds: number): number {
    this.#wait(id, this.options.clock.now() + delaySeconds * 1000);
    return NEVER_SECONDS;
  }

  #wait(id: string, dueAtMs: number): void {
    const { clock } = this.options;
    this.#forget([id]);
    const cancel = clock.setTimer(() => this.#release(), Math.max(0, dueAtMs - clock.now()));
    this.#waiting.set(id, { dueAtMs, cancel });
  }

  /**
   * Makes due what the clock has come to. What a transaction stores that is still open is not found, so it
   * stays until it is.
   */
  async #release(): Promise<void> {
    const nowMs = this.options.clock.now();
    const due = [...this.#waiting].filter(([, { dueAtMs }]) => dueAtMs <= nowMs);
    if (due.length === 0) return;
    const ids = due.map(([id]) => id);
    const made = await this.makeDue(this.options.database, ids);
    this.#forget(made);
    if (made.length > 0) this.#onDue(made.length);
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#waiting.get(id)?.cancel();
      this.#waiting.delete(id);
    }
  }
}
