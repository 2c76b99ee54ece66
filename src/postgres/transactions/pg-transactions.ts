import { ClientLender } from '../client-lender.js';
import type { PgPool, PgPoolClient } from '../pg-pool.interface.js';
import type { TransactionAdapter } from './transaction-adapter.interface.js';

const GIVEN_UP = 'The attempt was given up.';

/**
 * Transactions of plain `pg`: `context.transaction` is a client of the pool. It is what `postgresEngine` does
 * by itself, with its own pool.
 *
 * @example
 * postgresEngine({ connectionString, transactions: pgTransactions(pool) })
 */
export function pgTransactions(pool: PgPool): TransactionAdapter<PgPoolClient> {
  const lender = new ClientLender(pool);
  return {
    run: (work, signal) => runOnClient(lender, work, signal),
    query: async (client, text, values) => (await client.query({ text, values: [...values] })).rows,
  };
}

/**
 * The connection is closed when it is lost, and when its attempt is given up: the server rolls back, and what a
 * handler that hangs still does with the client fails instead of being done outside of a transaction.
 */
async function runOnClient<Result>(
  lender: ClientLender,
  work: (client: PgPoolClient) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  let lost: Error | undefined;
  const lose = (error: Error): void => void (lost ??= error);
  const { client, release, end } = await lender.lend(lose);
  if (signal.aborted) {
    release();
    throw new Error(GIVEN_UP);
  }
  const giveUp = (): void => {
    lost ??= new Error(GIVEN_UP);
    end(lost);
  };
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await client.query({ text: 'BEGIN' });
    const result = await work(client);
    const { command } = await client.query({ text: 'COMMIT' });
    // PostgreSQL answers so, and with no error, where a statement had failed that nobody looked at.
    if (command === 'ROLLBACK') throw new Error('A statement has failed: it was rolled back.');
    return result;
  } catch (error) {
    if (!lost) await client.query({ text: 'ROLLBACK' }).catch(lose);
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
    release(lost);
  }
}
