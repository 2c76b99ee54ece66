import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { PgPool } from './pg-pool.interface.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

interface CommonOptions {
  /**
   * The schema of the inbox's tables, made when the application starts. pg-boss gets one beside it,
   * with `_jobs` at the end.
   * @default 'webhook_inbox'
   */
  readonly schema?: string;
  /**
   * How long an event may take to be stored, in milliseconds, before its sender gets 503.
   * @default 10_000
   */
  readonly acceptTimeoutMs?: number;
}

/** A PostgreSQL server, version 13 or newer. */
export interface ServerOptions extends CommonOptions {
  /**
   * A pool of `pg`. It stays yours: it is not ended with the application. The inbox keeps one of its
   * connections for itself and uses about five others at a time.
   */
  readonly pool?: PgPool;
  /** Instead of a pool: where the server is. The inbox then has a pool of its own. */
  readonly connectionString?: string;
  /**
   * The connections of the inbox's own pool.
   * @default 10
   */
  readonly maxConnections?: number;
  /**
   * The library that handlers with `transaction: true` write with, such as `kyselyTransactions(db)`. It has
   * to reach the same database. Each of their attempts keeps one of its connections.
   * @default a client of the pool
   */
  readonly transactions?: TransactionAdapter;
}

/** PostgreSQL in this process, by PGlite: for one process that has no server. */
export interface EmbeddedOptions extends CommonOptions {
  /**
   * The directory it keeps its files in, on a local disk or a volume. A process that stands still for five
   * seconds can lose it to another one; it then stores nothing any more and has to be started again.
   */
  readonly embedded: string;
  /**
   * Starts it with `NODE_ENV=production` too. It survives a killed process and not a power cut, and takes
   * one process.
   * @default false
   */
  readonly allowInProduction?: boolean;
}

export type PostgresEngineOptions = ServerOptions | EmbeddedOptions;

/** The options with their defaults. */
export interface PostgresEngineSettings {
  readonly schema: string;
  readonly acceptTimeoutMs: number;
  readonly target: ServerTarget | EmbeddedTarget;
}

export interface ServerTarget {
  readonly pool: PgPool | undefined;
  readonly connectionString: string | undefined;
  readonly maxConnections: number;
  readonly transactions: TransactionAdapter | undefined;
}

export interface EmbeddedTarget {
  readonly directory: string;
  readonly allowInProduction: boolean;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,39}$/;
/** One is reserved, two store, two settle, one takes; pg-boss needs one now and then. */
const MIN_CONNECTIONS = 4;

/** @throws WebhookConfigurationError naming the option that is wrong. */
export function resolvePostgresOptions(options: PostgresEngineOptions): PostgresEngineSettings {
  const { schema = 'webhook_inbox', acceptTimeoutMs = 10_000 } = options;
  if (!SCHEMA.test(schema)) {
    throw invalid('schema must be of at most 40 lower case letters, digits and _');
  }
  if (!(acceptTimeoutMs > 0 && acceptTimeoutMs < 2 ** 31)) {
    throw invalid('acceptTimeoutMs must be a positive number of milliseconds');
  }
  return Object.freeze({ schema, acceptTimeoutMs, target: resolveTarget(options) });
}

function resolveTarget(options: PostgresEngineOptions): ServerTarget | EmbeddedTarget {
  if ('embedded' in options) {
    const { embedded: directory, allowInProduction = false } = options;
    if ('pool' in options || 'connectionString' in options) throw invalid(ONE_TARGET);
    if (typeof directory !== 'string' || directory === '') {
      throw invalid('embedded must be the path of a directory');
    }
    return { directory, allowInProduction };
  }
  const { pool, connectionString, maxConnections = 10, transactions } = options;
  if ((pool === undefined) === (connectionString === undefined)) throw invalid(ONE_TARGET);
  if (pool && typeof pool.connect !== 'function') throw invalid('pool must be a pool of pg');
  if (connectionString === '') throw invalid('connectionString is empty');
  const size = pool ? (pool.options?.max ?? MIN_CONNECTIONS) : maxConnections;
  if (!(size >= MIN_CONNECTIONS)) {
    const option = pool ? 'the pool' : 'maxConnections';
    throw invalid(`${option} must have at least ${MIN_CONNECTIONS} connections`);
  }
  if (transactions && typeof transactions.run !== 'function') {
    throw invalid('transactions must be what a function such as kyselyTransactions(db) returns');
  }
  return {
    pool,
    connectionString,
    maxConnections,
    transactions,
  };
}

const ONE_TARGET = 'give one of pool, connectionString and embedded';

function invalid(problem: string): WebhookConfigurationError {
  return new WebhookConfigurationError(`postgresEngine: ${problem}.`);
}
