import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** What is used of a database of `drizzle-orm/node-postgres`. */
export interface DrizzleDatabase<Transaction extends DrizzleTransaction> {
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}

/** What is used of a transaction of Drizzle. */
export interface DrizzleTransaction {
  execute(query: never): PromiseLike<unknown>;
}

/**
 * Transactions of Drizzle on `pg`: `context.transaction` is what `db.transaction` gives.
 *
 * @example
 * postgresEngine({ pool, transactions: drizzleTransactions(db) })
 */
export function drizzleTransactions<Transaction extends DrizzleTransaction>(
  database: DrizzleDatabase<Transaction>,
): TransactionAdapter<Transaction> {
  return {
    run: (work) => database.transaction(work),
    query: async (transaction, text, values) => {
      const result = await transaction.execute(wrapped(text, values) as never);
      return (result as { rows: object[] }).rows;
    },
  };
}

/** An SQLWrapper of Drizzle's whose statement is complete: what `sql` makes has no numbered values. */
function wrapped(sql: string, values: readonly unknown[]): object {
  return { getSQL: () => ({ toQuery: () => ({ sql, params: [...values] }) }) };
}
