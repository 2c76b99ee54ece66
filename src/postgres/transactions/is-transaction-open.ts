import type { SqlSession } from '../sql-database.interface.js';

/** A statement outside of a transaction is one of its own, which begins when it does. */
const IS_OPEN = 'SELECT now() IS DISTINCT FROM statement_timestamp() AS is_open';

/** Whether what a session runs belongs to a transaction that somebody has begun. */
export async function isTransactionOpen(session: SqlSession): Promise<boolean> {
  const { rows } = await session.query(IS_OPEN);
  return rows[0]?.['is_open'] === true;
}
