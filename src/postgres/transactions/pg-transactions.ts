import type { PgPool, PgPoolClient } from '../pg-pool.interface.js';
import type { TransactionAdapter } from './transaction-adapter.interface.js';

/**
 * Transactions of plain `pg`: `context.transaction` is a client of the pool. It is what `postgresEngine` does
 * by itself, with its own pool.
 *
 * @example
 * postgresEngine({ connectionString, transactions: pgTransactions(pool) })
 */
export function pgTransactions(pool: PgPool): TransactionAdapter<PgPoolClient> {
  return {
    run: (work, signal) => runOnClient(pool, work, signal),
    query: async (client, text, values) => (await client.query({ text, values: [...values] })).rows,
  };
}

async function runOnClient<Result>(
  pool: PgPool,
  work: (client: PgPoolClient) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const { client, connection } = await connect(pool, signal);
  try {
    await client.query({ text: 'BEGIN' });
    const result = await work(client);
    const { command } = await client.query({ text: 'COMMIT' });
    // PostgreSQL answers so, and with no error, where a statement had failed that nobody looked at.
    if (command === 'ROLLBACK') throw new Error('A statement has failed: it was rolled back.');
    return result;
  } catch (error) {
    await connection.rollBack();
    throw error;
  } finally {
    connection.release();
  }
}

interface HeldConnection {
  readonly rollBack: () => Promise<void>;
  readonly release: () => void;
}

function connect(
  pool: PgPool,
  signal: AbortSignal,
): Promise<{ readonly client: PgPoolClient; readonly connection: HeldConnection }> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (client) resolve({ client, connection: holdConnection(client, signal) });
      else reject(error ?? new Error('The pool gave no connection.'));
    });
  });
}

/**
 * A connection that is closed when it is lost, and when its attempt is given up: the server rolls back, and
 * what a handler that hangs still does with the client fails instead of being done outside of a transaction.
 */
function holdConnection(client: PgPoolClient, signal: AbortSignal): HeldConnection {
  let isHeld = true;
  let lost: Error | undefined;
  const lose = (error: Error): void => void (lost ??= error);
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    signal.removeEventListener('abort', giveUp);
    // The listener stays with a connection that is closed: it may have more to say.
    if (!lost) client.removeListener('error', lose);
    client.release(lost);
  };
  const giveUp = (): void => {
    lose(new Error('The attempt was given up.'));
    release();
  };
  client.on('error', lose);
  signal.addEventListener('abort', giveUp, { once: true });
  return {
    rollBack: async () => {
      if (isHeld && !lost) await client.query({ text: 'ROLLBACK' }).catch(lose);
    },
    release,
  };
}
