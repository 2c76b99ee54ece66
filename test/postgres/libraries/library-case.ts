import type { TransactionAdapter } from '../../../src/postgres/index.js';

/** A library that an application may write with, as the tests use it. */
export interface LibraryCase<Transaction = unknown> {
  readonly adapter: TransactionAdapter<Transaction>;
  /** Writes a row of the application's own table, by the library's own means. */
  write(transaction: Transaction, eventId: string): Promise<unknown>;
  /** Opens a transaction of the application's own, without the inbox. */
  begin<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Where every library writes: a table `fulfilment` with an `event_id`, in the test's own schema. */
export interface LibraryTarget {
  readonly connectionString: string;
  readonly schema: string;
}

export type CreateLibraryCase = (target: LibraryTarget) => Promise<LibraryCase>;
