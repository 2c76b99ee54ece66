import type { ReservedSession, SqlDatabase, SqlRow, SqlSession } from './sql-database.interface.js';

/** What is used of PGlite. */
export interface Pglite {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  exec(text: string): Promise<{ rows: unknown[] }[]>;
  transaction<T>(work: (transaction: Pick<Pglite, 'query'>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** PostgreSQL inside this process, on a directory. It has one connection; what it is given waits in line. */
export class PgliteDatabase implements SqlDatabase {
  readonly backend = 'pglite';

  #isRefused = false;

  constructor(
    private readonly pglite: Pglite,
    private readonly onClosed: () => Promise<void>,
  ) {}

  /** The directory is no longer ours: not a byte more is written. */
  refuse(): void {
    this.#isRefused = true;
  }

  async query(text: string, values?: readonly unknown[]): Promise<{ rows: SqlRow[] }> {
    this.#assertOurs();
    try {
      return await this.#run(text, values);
    } catch (error) {
      // A text of several statements may have left its transaction open; the connection is everyone's.
      await this.pglite.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    this.#assertOurs();
    return this.pglite.transaction(async (transaction) => {
      const result = await work({
        query: async (text, values) => {
          this.#assertOurs();
          const { rows } = await transaction.query(text, values && [...values]);
          return { rows: rows as SqlRow[] };
        },
      });
      // A commit writes.
      this.#assertOurs();
      return result;
    });
  }

  /** Nobody else can notify: there is no other process. */
  async reserve(): Promise<ReservedSession> {
    return { query: (text, values) => this.query(text, values), release: async () => undefined };
  }

  /** In this process there is no answer that does not come. */
  sever(): void {}

  async close(): Promise<void> {
    try {
      // Closing writes, too: what has not been written back yet, and that all of it was.
      if (!this.#isRefused) await this.pglite.close();
    } finally {
      await this.onClosed();
    }
  }

  #assertOurs(): void {
    if (this.#isRefused) throw new Error('This process has lost its directory.');
  }

  async #run(text: string, values?: readonly unknown[]): Promise<{ rows: SqlRow[] }> {
    if (values && values.length > 0) {
      const { rows } = await this.pglite.query(text, [...values]);
      return { rows: rows as SqlRow[] };
    }
    // Without values it may be several statements, which only exec() takes.
    const results = await this.pglite.exec(text);
    return { rows: results.flatMap(({ rows }) => rows as SqlRow[]) };
  }
}
