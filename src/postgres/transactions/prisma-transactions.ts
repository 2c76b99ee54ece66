import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** What is used of a `PrismaClient` with `@prisma/adapter-pg`. */
export interface PrismaDatabase<Transaction extends PrismaTransaction> {
  $transaction<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    options: { readonly maxWait: number; readonly timeout: number },
  ): Promise<Result>;
}

/** What is used of a `Prisma.TransactionClient`. */
export interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

export interface PrismaTransactionOptions {
  /**
   * How long a transaction may be open, in milliseconds, before Prisma rolls it back.
   * @default 300_000
   */
  readonly timeoutMs?: number;
  /**
   * How long an attempt may wait for a connection, in milliseconds.
   * @default 10_000
   */
  readonly maxWaitMs?: number;
}

/**
 * Transactions of Prisma 7: `context.transaction` is a `Prisma.TransactionClient`.
 *
 * @example
 * postgresEngine({ pool, transactions: prismaTransactions(prisma) })
 */
export function prismaTransactions<Transaction extends PrismaTransaction>(
  prisma: PrismaDatabase<Transaction>,
  { timeoutMs: timeout = 300_000, maxWaitMs: maxWait = 10_000 }: PrismaTransactionOptions = {},
): TransactionAdapter<Transaction> {
  return {
    run: (work) => prisma.$transaction(work, { maxWait, timeout }),
    query: async (transaction, text, values) =>
      (await transaction.$queryRawUnsafe(text, ...values)) as object[],
  };
}
