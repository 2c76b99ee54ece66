// Engine
export { postgresEngine } from './postgres-engine.js';
export type {
  EmbeddedOptions,
  PostgresEngineOptions,
  ServerOptions,
} from './postgres-engine.options.js';
export type { PgPool, PgPoolClient } from './pg-pool.interface.js';

// Transactions
export { drizzleTransactions } from './transactions/drizzle-transactions.js';
export { knexTransactions } from './transactions/knex-transactions.js';
export { kyselyTransactions } from './transactions/kysely-transactions.js';
export { pgTransactions } from './transactions/pg-transactions.js';
export { prismaTransactions } from './transactions/prisma-transactions.js';
export { typeormTransactions } from './transactions/typeorm-transactions.js';
export type { PrismaTransactionOptions } from './transactions/prisma-transactions.js';
export type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';
