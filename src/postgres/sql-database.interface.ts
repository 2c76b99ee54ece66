import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

/** A row as the driver gives it: each statement says what is in it. */
export type SqlRow = Record<string, unknown>;

/** What runs statements: a connection of a pool, a transaction, PGlite. */
export interface SqlSession {
  query(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<{ readonly rows: SqlRow[] }>;
}

export interface QueryOptions {
  /**
   * The text comes again and again, and how it is best done does not depend on what the tables hold: the
   * connection may keep its plan.
   */
  readonly isPrepared?: boolean;
}

/** A database, however it is reached. */
export interface SqlDatabase extends SqlSession {
  readonly backend: 'postgres' | 'pglite';
  /** What handlers get for a transaction, unless the application gives something else. */
  readonly transactions?: TransactionAdapter;
  /** Commits when `work` resolves and rolls back when it rejects. No statement waits without an end. */
  transaction<T>(
    work: (session: SqlSession) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /**
   * A connection for one purpose, which nobody else keeps busy. Calls back for every notification on
   * the channel, and once when the connection is lost.
   */
  reserve(
    channel: string,
    onNotification: () => void,
    onLost: (error: unknown) => void,
  ): Promise<ReservedSession>;
  /** What is under way is rejected, and so is all that comes; no answer of a server is waited for. */
  sever(): void;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** How long one of its statements may take, in milliseconds, instead of the database's own limit. */
  readonly statementTimeoutMs?: number;
}

export interface ReservedSession extends SqlSession {
  release(): Promise<void>;
}
