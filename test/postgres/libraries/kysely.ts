import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import type { Transaction } from 'kysely';
import pg from 'pg';
import { kyselyTransactions } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

interface Database {
  fulfilment: { eventId: string };
}

export async function kyselyCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<Transaction<Database>>> {
  const pool = new pg.Pool({ connectionString });
  const database = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    // As most have it: it renames the columns of every result.
    plugins: [new CamelCasePlugin()],
  });
  return {
    adapter: kyselyTransactions(database),
    write: (transaction, eventId) =>
      transaction.withSchema(schema).insertInto('fulfilment').values({ eventId }).execute(),
    begin: (work) => database.transaction().execute(work),
    close: () => database.destroy(),
  };
}
