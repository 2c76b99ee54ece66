import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** What is used of a `Kysely` with its PostgreSQL dialect. */
export interface KyselyDatabase<Transaction extends KyselyTransaction> {
  transaction(): {
    execute<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  };
}

/** What is used of a `Transaction` of Kysely. */
export interface KyselyTransaction {
  /** Plugins may rename the columns of what statements give. */
  withoutPlugins(): { executeQuery(query: never): Promise<{ readonly rows: unknown[] }> };
}

/**
 * Transactions of Kysely: `context.transaction` is a `Transaction<Database>`.
 *
 * @example
 * postgresEngine({ pool, transactions: kyselyTransactions(db) })
 */
export function kyselyTransactions<Transaction extends KyselyTransaction>(
  database: KyselyDatabase<Transaction>,
): TransactionAdapter<Transaction> {
  return {
    run: (work) => database.transaction().execute(work),
    query: async (transaction, text, values) => {
      const query = compiled(text, values) as never;
      const { rows } = await transaction.withoutPlugins().executeQuery(query);
      return rows as object[];
    },
  };
}

/** As Kysely's own `CompiledQuery.raw` makes it. */
function compiled(sql: string, parameters: readonly unknown[]): object {
  const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] };
  return { sql, query, parameters, queryId: { queryId: 'nestjs-webhook-inbox' } };
}
