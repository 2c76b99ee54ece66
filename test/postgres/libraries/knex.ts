import knex from 'knex';
import type { Knex } from 'knex';
import { knexTransactions } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

export async function knexCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<Knex.Transaction>> {
  const database = knex({ client: 'pg', connection: connectionString });
  return {
    adapter: knexTransactions<Knex.Transaction>(database),
    write: (transaction, eventId) =>
      transaction.withSchema(schema).table('fulfilment').insert({ event_id: eventId }),
    begin: (work) => database.transaction(work),
    close: () => database.destroy(),
  };
}
