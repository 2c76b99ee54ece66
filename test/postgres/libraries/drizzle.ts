import { drizzle } from 'drizzle-orm/node-postgres';
import { pgSchema, text } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { drizzleTransactions } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

type Database = ReturnType<typeof drizzle>;
type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

export async function drizzleCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<Transaction>> {
  const pool = new pg.Pool({ connectionString });
  const database = drizzle(pool);
  const fulfilment = pgSchema(schema).table('fulfilment', { eventId: text('event_id') });
  return {
    adapter: drizzleTransactions<Transaction>(database),
    write: (transaction, eventId) => transaction.insert(fulfilment).values({ eventId }),
    begin: (work) => database.transaction(work),
    close: () => pool.end(),
  };
}
