import { inSchema } from './in-schema.js';
import type { JobQueue } from './job-queue.js';
import { LIST_PAUSED, PAUSE, RELEASE_HELD, RESUME } from './pause-statements.js';
import type { SqlDatabase } from './sql-database.interface.js';

/** All that was held back is released at once, or none of it. */
const RESUME_TIMEOUT_MS = 120_000;

/** The handlers that are paused, in all processes: workers ask before each run. */
export class Pauses {
  constructor(
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
    private readonly schema: string,
  ) {}

  async pause(handler: string): Promise<void> {
    await this.database.query(inSchema(PAUSE, this.schema), [handler]);
  }

  /** @returns How many deliveries are due by it. */
  resume(handler: string): Promise<number> {
    return this.database.transaction(
      async (session) => {
        await session.query(inSchema(RESUME, this.schema), [handler]);
        const { rows } = await session.query(inSchema(RELEASE_HELD, this.schema), [handler]);
        await this.queue.insertDue(
          session,
          rows.map((row) => String(row['job_id'])),
        );
        return rows.length;
      },
      { statementTimeoutMs: RESUME_TIMEOUT_MS },
    );
  }

  async list(): Promise<readonly string[]> {
    const { rows } = await this.database.query(inSchema(LIST_PAUSED, this.schema));
    return rows.map((row) => String(row['handler']));
  }
}
