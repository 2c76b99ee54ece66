import type { PgPool, PgPoolClient } from './pg-pool.interface.js';
import type {
  QueryOptions,
  ReservedSession,
  SqlDatabase,
  SqlRow,
  SqlSession,
  TransactionOptions,
} from './sql-database.interface.js';
import { StatementNames } from './statement-names.js';
import { pgTransactions } from './transactions/pg-transactions.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

/** How much longer than the server the client waits, so that the server's own answer comes first. */
const GRACE_MS = 1000;

/** A connection until it is given back, which happens once. */
interface LentClient {
  readonly client: PgPoolClient;
  readonly release: (destroy?: Error | boolean) => void;
}

/** A PostgreSQL server behind a pool of `pg`. */
export class PoolDatabase implements SqlDatabase {
  readonly backend = 'postgres';
  readonly transactions: TransactionAdapter;
  readonly #names = new StatementNames();

  constructor(
    private readonly pool: PgPool,
    private readonly options: { readonly statementTimeoutMs: number; readonly isOwnPool: boolean },
  ) {
    this.transactions = pgTransactions(pool);
  }

  query(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<{ rows: SqlRow[] }> {
    return this.#withNames(() =>
      this.#withClient((client) => this.#run(client, text, values, options)),
    );
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
    const lent = await this.#connect((error) => {
      lost ??= error;
      if (!isListening) return;
      lent.client.removeListener('notification', onNotification);
      lent.release(error);
      onLost(error);
    });
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
      query: (text, values) => this.#run(lent.client, text, values),
      release: async () => {
        lent.client.removeListener('notification', onNotification);
        // It listens: it must not go back to others.
        lent.release(true);
      },
    };
  }

  async close(): Promise<void> {
    if (this.options.isOwnPool) await this.pool.end();
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
      await this.#run(client, `BEGIN; SET LOCAL statement_timeout = ${statementTimeoutMs}`);
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
    const { client, release } = await this.#connect((error) => (lost = error));
    try {
      return await work(client);
    } catch (error) {
      lost ??= await this.#rollBack(client, error);
      throw error;
    } finally {
      release(lost);
    }
  }

  /**
   * Listens for the connection's end from the moment it is lent: nobody else does, and an error event
   * without a listener ends the process.
   */
  #connect(onLost: (error: Error) => void): Promise<LentClient> {
    return new Promise((resolve, reject) => {
      this.pool.connect((error, client) => {
        if (!client) return reject(error ?? new Error('The pool gave no connection.'));
        let isReleased = false;
        const release = (destroy?: Error | boolean): void => {
          if (isReleased) return;
          isReleased = true;
          // One that is closed may still hear from the server.
          if (destroy) client.on('error', () => undefined);
          client.removeListener('error', lose);
          client.release(destroy);
        };
        // What is lost before anyone could use it is told by the first statement.
        const lose = (problem: Error): void => onLost(problem);
        client.on('error', lose);
        resolve({ client, release });
      });
    });
  }

  /** Gives the error that makes the connection useless, if there is one. */
  async #rollBack(client: PgPoolClient, error: unknown): Promise<Error | undefined> {
    const isAnswer = typeof (error as { code?: unknown }).code === 'string';
    if (!isAnswer) return error as Error;
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
    const query_timeout = statementTimeoutMs + GRACE_MS;
    if (!values || values.length === 0) return client.query({ text, query_timeout });
    const name = isPrepared ? this.#names.nameOf(text) : undefined;
    return client.query({ text, values: [...values], query_timeout, ...(name && { name }) });
  }
}
