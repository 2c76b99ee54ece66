import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { MIGRATIONS } from './migrations.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';

/** Waiting for another process that migrates counts. */
const TIMEOUT_MS = 120_000;

/** $1 the schema. One process migrates; the others wait, and find it done. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('nestjs-webhook-inbox:' || $1::text, 0))`;
const CREATE_SCHEMA = 'CREATE SCHEMA IF NOT EXISTS {schema}';
/** $1 the schema. */
const FIND_SCHEMA = 'SELECT 1 FROM pg_namespace WHERE nspname = $1';
const CREATE_VERSION =
  'CREATE TABLE IF NOT EXISTS {schema}.webhook_inbox_version (version integer NOT NULL)';
const READ_VERSION = 'SELECT max(version) AS version FROM {schema}.webhook_inbox_version';
/** $1 the version. */
const WRITE_VERSION = 'INSERT INTO {schema}.webhook_inbox_version VALUES ($1)';

/**
 * Brings the engine's schema up to date. Any number of processes may call it at once.
 *
 * @throws WebhookConfigurationError where a newer version of this package has been there.
 */
export async function migrate(database: SqlDatabase, schema: string): Promise<void> {
  const options = { statementTimeoutMs: TIMEOUT_MS };
  await database.transaction((session) => bringUpToDate(session, schema), options);
}

async function bringUpToDate(session: SqlSession, schema: string): Promise<void> {
  await session.query(LOCK, [schema]);
  await createSchema(session, schema);
  // pg-boss makes its own before it takes a lock, which fails where several processes do so at once.
  await createSchema(session, jobSchemaOf(schema));
  await session.query(inSchema(CREATE_VERSION, schema));
  const { rows } = await session.query(inSchema(READ_VERSION, schema));
  const version = Number(rows[0]?.['version'] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new WebhookConfigurationError(
      `The schema ${schema} was made by a newer version of nestjs-webhook-inbox (${version}, this one ` +
        `knows ${MIGRATIONS.length}). Install that version, or give another schema.`,
    );
  }
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    for (const statement of migration.split(/;\s*\n/)) {
      if (statement.trim() !== '') await session.query(inSchema(statement, schema));
    }
    await session.query(inSchema(WRITE_VERSION, schema), [index + 1]);
  }
}

/** Where pg-boss has its tables. */
export function jobSchemaOf(schema: string): string {
  return `${schema}_jobs`;
}

/** A role that may not create schemas can be given them. */
async function createSchema(session: SqlSession, schema: string): Promise<void> {
  const { rows } = await session.query(FIND_SCHEMA, [schema]);
  if (rows.length === 0) await session.query(inSchema(CREATE_SCHEMA, schema));
}
