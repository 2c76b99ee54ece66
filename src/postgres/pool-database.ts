import { columnTypes } from './column-types.js';
import { ClientLender } from './client-lender.js';
import type { PgPool, PgPoolClient } from './pg-pool.interface.js';
import type {
  QueryOptions,
  ReservedSession,
  SqlDatabase,
  SqlRow,
  SqlSession,
  TransactionOptions,
} from './sql-database.interface.js';
import { despiteConflicts } from './despite-conflicts.js';
import { StatementNames } from './statement-names.js';
import { pgTransactions } from './transactions/pg-transactions.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

/** How much longer than the server the client waits, so that the server's own answer comes first. */
const GRACE_MS = 1000;
/** What goes over a connection of its own is small and urgent: one that takes longer is lost. */
const RESERVED_TIMEOUT_MS = 1500;

export interface PoolDatabaseOptions {
  readonly statementTimeoutMs: number;
  /** Where the pool is ours to end: when all is done, or at once. */
  readonly ownPool?: { readonly end: () => Promise<void>; readonly sever: () => void };
}

/** A PostgreSQL server behind a pool of `pg`. */
export class PoolDatabase implements SqlDatabase {
  readonly backend = 'postgres';
  readonly transactions: TransactionAdapter;
  readonly #names = new StatementNames();
  readonly #lender: ClientLender;
  #isSevered = false;

  constructor(
    pool: PgPool,
    private readonly options: PoolDatabaseOptions,
  ) {
    this.#lender = new ClientLender(pool);
    this.transactions = pgTransactions(pool);
  }

  /** Where transactions are serializable by default, it may have to be done again: it is one by itself. */
  query(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<{ rows: SqlRow[] }> {
    const run = (): Promise<{ rows: SqlRow[] }> =>
      this.#withClient((client) => this.#run(client, text, values, options));
    return this.#withNames(() => despiteConflicts(run));
  }

  transaction<T>(
    work: (session: SqlSession) => Promise<T>,
    { statementTimeoutMs = this.options.statementTimeoutMs }: TransactionOptions = {},
  ): Promise<T> {
    return this.#withNames(() => this.#transact(work, statementTimeoutMs));
  }

  async reserve(
    channel: string,
    onNotification: () => void,
    onLost: (error: unknown) => void,
  ): Promise<ReservedSession> {
    let isListening = false;
    let lost: Error | undefined;
    const lose = (error: Error): void => {
      lost ??= error;
      if (!isListening) return;
      isListening = false;
      lent.client.removeListener('notification', onNotification);
      lent.release(error);
      onLost(error);
    };
    const lent = await this.#lender.lend(lose);
    try {
      await this.#run(lent.client, `LISTEN "${channel}"`);
      if (lost) throw lost;
    } catch (error) {
      lent.release(true);
      throw error;
    }
    lent.client.on('notification', onNotification);
    isListening = true;
    return {
      query: oneAtATime(async (text: string, values?: readonly unknown[]) => {
        try {
          return await this.#run(lent.client, text, values, {
            statementTimeoutMs: RESERVED_TIMEOUT_MS,
          });
        } catch (error) {
          // Where a network drops a connection without a word, this is the only sign of it.
          if (!isAnswer(error)) lose(error as Error);
          throw error;
        }
      }),
      release: async () => {
        isListening = false;
        lent.client.removeListener('notification', onNotification);
        // It listens: it must not go back to others.
        lent.release(true);
      },
    };
  }

  sever(): void {
    this.#isSevered = true;
    this.#lender.sever();
    this.options.ownPool?.sever();
  }

  /** A pool without connections has nothing to end; those who wait for one would wait until their timeout. */
  async close(): Promise<void> {
    if (!this.#isSevered) await this.options.ownPool?.end();
  }

  /** Does it again without names where a pooler has mixed them up. */
  async #withNames<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#names.loseBy(error)) throw error;
      return work();
    }
  }

  #transact<T>(work: (session: SqlSession) => Promise<T>, statementTimeoutMs: number): Promise<T> {
    return this.#withClient(async (client) => {
      // Our statements lock first and look then. A role or a database may have another default.
      const begin = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${statementTimeoutMs}`;
      await this.#run(client, begin);
      const result = await work({
        query: (text, values, options) =>
          this.#run(client, text, values, { ...options, statementTimeoutMs }),
      });
      await this.#run(client, 'COMMIT');
      return result;
    });
  }

  async #withClient<T>(work: (client: PgPoolClient) => Promise<T>): Promise<T> {
    let lost: Error | undefined;
    const { client, release } = await this.#lender.lend((error) => (lost = error));
    try {
      return await work(client);
    } catch (error) {
      lost ??= await this.#rollBack(client, error);
      throw error;
    } finally {
      release(lost);
    }
  }

  /** Gives the error that makes the connection useless, if there is one. */
  async #rollBack(client: PgPoolClient, error: unknown): Promise<Error | undefined> {
    if (!isAnswer(error)) return error as Error;
    try {
      await this.#run(client, 'ROLLBACK');
      return undefined;
    } catch (rollbackError) {
      return rollbackError as Error;
    }
  }

  #run(
    client: PgPoolClient,
    text: string,
    values?: readonly unknown[],
    {
      statementTimeoutMs = this.options.statementTimeoutMs,
      isPrepared,
    }: TransactionOptions & QueryOptions = {},
  ): Promise<{ rows: SqlRow[] }> {
    const name = isPrepared ? this.#names.nameOf(text) : undefined;
    const query = {
      text,
      types: columnTypes(client),
      query_timeout: statementTimeoutMs + GRACE_MS,
    };
    if (!values || values.length === 0) return client.query(query);
    return client.query({ ...query, values: [...values], ...(name && { name }) });
  }
}

/** Whether the server has said it, or the client has given up on the server. */
function isAnswer(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === 'string';
}

/** A client of `pg` takes a statement when the one before has ended. */
function oneAtATime<A extends unknown[], T>(run: (...given: A) => Promise<T>) {
  let last: Promise<unknown> = Promise.resolve();
  return (...given: A): Promise<T> => {
    const next = last.then(() => run(...given));
    last = next.catch(() => undefined);
    return next;
  };
}
