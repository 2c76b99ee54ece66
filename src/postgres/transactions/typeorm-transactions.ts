import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** What is used of a `DataSource` of TypeORM. */
export interface TypeormDataSource<Manager extends TypeormManager> {
  transaction<Result>(work: (manager: Manager) => Promise<Result>): Promise<Result>;
}

/** What is used of an `EntityManager` of a transaction. */
export interface TypeormManager {
  readonly queryRunner?:
    | {
        query(
          text: string,
          values: unknown[],
          useStructuredResult: true,
        ): Promise<{ readonly records: unknown[] }>;
      }
    | undefined;
}

/**
 * Transactions of TypeORM: `context.transaction` is an `EntityManager`.
 *
 * @example
 * postgresEngine({ pool, transactions: typeormTransactions(dataSource) })
 */
export function typeormTransactions<Manager extends TypeormManager>(
  dataSource: TypeormDataSource<Manager>,
): TransactionAdapter<Manager> {
  return {
    run: (work) => dataSource.transaction(work),
    query: async ({ queryRunner }, text, values) => {
      // The plain result of `query` has another shape for each kind of statement.
      const { records } = await queryRunner!.query(text, [...values], true);
      return records as object[];
    },
  };
}
