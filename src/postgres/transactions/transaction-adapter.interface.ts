/**
 * Opens transactions of the library that the application writes with, and lets the inbox settle in them.
 * The library has to reach the same database as the engine.
 */
export interface TransactionAdapter<Transaction = unknown> {
  /**
   * Runs work in a new transaction. Commits when the work resolves, and resolves with its result when
   * that is done; rolls back when it rejects, and rejects with the same. It never ends the transaction
   * while the work is under way, unless it also makes what the work holds of it useless.
   *
   * @param signal Aborted when the attempt was given up: the transaction will not be committed.
   */
  run<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>;

  /** Runs one statement with `$1`, `$2`, … in the transaction and gives its rows. */
  query(
    transaction: Transaction,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly object[]>;
}
