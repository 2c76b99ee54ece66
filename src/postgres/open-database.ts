import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { EngineLog } from '../inbox/webhook-engine.interface.js';
import { DirectoryLock } from './directory-lock.js';
import { loadPeer } from './load-peer.js';
import type { PgPool } from './pg-pool.interface.js';
import { PgliteDatabase } from './pglite-database.js';
import { PoolDatabase } from './pool-database.js';
import { PoolSockets } from './pool-sockets.js';
import type {
  EmbeddedTarget,
  PostgresEngineSettings,
  ServerTarget,
} from './postgres-engine.options.js';
import type { SqlDatabase } from './sql-database.interface.js';

const STATEMENT_TIMEOUT_MS = 15_000;

export type OpenDatabase = typeof openDatabase;

/** Opens the database that the options name, with the package that it needs. */
export function openDatabase(
  { target, acceptTimeoutMs }: PostgresEngineSettings,
  log: EngineLog,
): Promise<SqlDatabase> {
  const isEmbedded = 'directory' in target;
  return isEmbedded ? openEmbedded(target, log) : openServer(target, acceptTimeoutMs, log);
}

async function openServer(
  { pool: given, connectionString, maxConnections }: ServerTarget,
  acceptTimeoutMs: number,
  log: EngineLog,
): Promise<SqlDatabase> {
  const options = {
    statementTimeoutMs: Math.min(acceptTimeoutMs, STATEMENT_TIMEOUT_MS),
  };
  if (given) return new PoolDatabase(given, options);

  const { default: pg } = await loadPeer('pg', 'pg', () => import('pg'));
  const sockets = new PoolSockets();
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: acceptTimeoutMs,
    application_name: 'nestjs-webhook-inbox',
    stream: () => sockets.open(),
  });
  // Without a listener, a connection that breaks while it is idle ends the process.
  pool.on('error', (error) => {
    if (!sockets.areSevered) log.error('An idle connection to the database was lost.', error);
  });
  const ownPool = { end: () => pool.end(), sever: () => sockets.sever() };
  return new PoolDatabase(pool as unknown as PgPool, { ...options, ownPool });
}

async function openEmbedded(
  { directory, allowInProduction }: EmbeddedTarget,
  log: EngineLog,
): Promise<SqlDatabase> {
  // The one place where the environment is read: see docs/decisions.md.
  if (process.env['NODE_ENV'] === 'production' && !allowInProduction) {
    throw new WebhookConfigurationError(
      'postgresEngine({ embedded }) does not start with NODE_ENV=production: it does not survive a power ' +
        'cut and takes one process. Give a PostgreSQL server (pool or connectionString), or set ' +
        'allowInProduction: true.',
    );
  }
  const { PGlite } = await loadPeer(
    '@electric-sql/pglite',
    '@electric-sql/pglite',
    () => import('@electric-sql/pglite'),
  );
  await mkdir(directory, { recursive: true });
  let database: PgliteDatabase | undefined;
  const lock = await DirectoryLock.take(directory, (error) => {
    database?.refuse();
    log.error('The embedded PostgreSQL stores nothing any more.', error);
  });
  log.info(
    `Events are kept in ${directory} by an embedded PostgreSQL: they survive a killed process, not a power ` +
      'cut, and no other process can use them. For production give a PostgreSQL server.',
  );
  try {
    const pglite = await PGlite.create(join(directory, 'postgres'));
    database = new PgliteDatabase(pglite, () => lock.release());
    // Lost before this, there was nothing to refuse yet. It is not closed then: closing writes.
    await lock.assertOwned();
    return database;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
