import { inSchema } from './in-schema.js';
import type { SqlDatabase } from './sql-database.interface.js';

/** So many takings in a row that got all they asked for are a backlog. */
const BACKLOG_TAKINGS = 8;
const INTERVAL_MS = 30_000;

const ANALYZE = 'ANALYZE {schema}.job_common';

/**
 * Keeps what the planner knows of the queue from when there was no backlog from slowing a backlog down:
 * it then sorts all that is due for each taking, where it could read the first by an index. Autovacuum
 * would find it too, once a minute.
 */
export class QueueStatistics {
  #fullTakings = 0;
  #analyzedAtMs = -Infinity;
  #analyzing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: SqlDatabase,
    private readonly schema: string,
    private readonly report: (message: string, error?: unknown) => void,
  ) {}

  onTaken(isFull: boolean): void {
    this.#fullTakings = isFull ? this.#fullTakings + 1 : 0;
    if (this.#fullTakings < BACKLOG_TAKINGS) return;
    if (performance.now() - this.#analyzedAtMs < INTERVAL_MS) return;
    this.#analyzedAtMs = performance.now();
    this.#analyzing = this.database
      .query(inSchema(ANALYZE, this.schema))
      .catch((error: unknown) => this.report('The queue could not be analyzed.', error));
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#analyzing;
  }
}
