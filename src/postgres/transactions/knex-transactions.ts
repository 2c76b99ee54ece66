import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** What is used of a `Knex` with its `pg` client. */
export interface KnexDatabase<Transaction extends KnexTransaction> {
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}

/** What is used of a `Knex.Transaction`. */
export interface KnexTransaction {
  readonly client: { acquireConnection(): Promise<KnexConnection> };
}

interface KnexConnection {
  query(text: string, values: unknown[]): Promise<{ readonly rows: object[] }>;
}

/**
 * Transactions of Knex: `context.transaction` is a `Knex.Transaction`.
 *
 * @example
 * postgresEngine({ pool, transactions: knexTransactions(knex) })
 */
export function knexTransactions<Transaction extends KnexTransaction>(
  database: KnexDatabase<Transaction>,
): TransactionAdapter<Transaction> {
  return {
    run: (work) => database.transaction(work),
    query: async (transaction, text, values) => {
      // Of a transaction it is the one connection. `raw` would take no numbered values.
      const connection = await transaction.client.acquireConnection();
      return (await connection.query(text, [...values])).rows;
    },
  };
}
