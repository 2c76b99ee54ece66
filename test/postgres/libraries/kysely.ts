import { Kysely, PostgresDialect } from 'kysely';
import type { Transaction } from 'kysely';
import pg from 'pg';
import { kyselyTransactions } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

interface Database {
  fulfilment: { event_id: string };
}

export async function kyselyCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<Transaction<Database>>> {
  const pool = new pg.Pool({ connectionString });
  const database = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    adapter: kyselyTransactions(database),
    write: (transaction, eventId) =>
      transaction
        .withSchema(schema)
        .insertInto('fulfilment')
        .values({ event_id: eventId })
        .execute(),
    begin: (work) => database.transaction().execute(work),
    close: () => database.destroy(),
  };
}
