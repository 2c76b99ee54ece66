import pg from 'pg';
import { pgTransactions } from '../../../src/postgres/index.js';
import type { TransactionAdapter } from '../../../src/postgres/index.js';
import type { LibraryCase, LibraryTarget } from './library-case.js';

export async function pgCase({
  connectionString,
  schema,
}: LibraryTarget): Promise<LibraryCase<pg.PoolClient>> {
  const pool = new pg.Pool({ connectionString });
  return {
    adapter: pgTransactions(pool) as TransactionAdapter<pg.PoolClient>,
    write: (client, eventId) =>
      client.query(`INSERT INTO ${schema}.fulfilment VALUES ($1)`, [eventId]),
    begin: async (work) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await work(client);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
