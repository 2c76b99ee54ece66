import type { PgPool, PgPoolClient } from './pg-pool.interface.js';
import type {
  ReservedSession,
  SqlDatabase,
  SqlRow,
  SqlSession,
  TransactionOptions,
} from './sql-database.interface.js';

/** How much longer than the server the client waits, so that the server's own answer comes first. */
const GRACE_MS = 1000;

/** A PostgreSQL server behind a pool of `pg`. */
export class PoolDatabase implements SqlDatabase {
  readonly backend = 'postgres';

  constructor(
    private readonly pool: PgPool,
    private readonly options: { readonly statementTimeoutMs: number; readonly isOwnPool: boolean },
  ) {}

  query(text: string, values?: readonly unknown[]): Promise<{ rows: SqlRow[] }> {
    return this.#withClient((client) => this.#run(client, text, values));
  }

  transaction<T>(
    work: (session: SqlSession) => Promise<T>,
    { statementTimeoutMs = this.options.statementTimeoutMs }: TransactionOptions = {},
  ): Promise<T> {
    return this.#withClient(async (client) => {
      await this.#run(client, `BEGIN; SET LOCAL statement_timeout = ${statementTimeoutMs}`);
      const result = await work({
        query: (text, values) => this.#run(client, text, values, statementTimeoutMs),
      });
      await this.#run(client, 'COMMIT');
      return result;
    });
  }

  async reserve(
    channel: string,
    onNotification: () => void,
    onLost: (error: unknown) => void,
  ): Promise<ReservedSession> {
    const client = await this.pool.connect();
    let isReleased = false;
    const lose = (error: Error): void => {
      if (isReleased) return;
      isReleased = true;
      client.removeListener('notification', onNotification);
      client.release(error);
      onLost(error);
    };
    client.on('notification', onNotification);
    client.on('error', lose);
    try {
      await this.#run(client, `LISTEN "${channel}"`);
    } catch (error) {
      if (!isReleased) release(client, lose, true);
      isReleased = true;
      throw error;
    }
    return {
      query: (text, values) => this.#run(client, text, values),
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        client.removeListener('notification', onNotification);
        // It listens: it must not go back to others.
        release(client, lose, true);
      },
    };
  }

  async close(): Promise<void> {
    if (this.options.isOwnPool) await this.pool.end();
  }

  async #withClient<T>(work: (client: PgPoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let lost: Error | undefined;
    const lose = (error: Error): void => void (lost = error);
    client.on('error', lose);
    try {
      return await work(client);
    } catch (error) {
      lost ??= await this.#rollBack(client, error);
      throw error;
    } finally {
      release(client, lose, lost);
    }
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
    statementTimeoutMs = this.options.statementTimeoutMs,
  ): Promise<{ rows: SqlRow[] }> {
    const query_timeout = statementTimeoutMs + GRACE_MS;
    if (!values || values.length === 0) return client.query({ text, query_timeout });
    return client.query({ text, values: [...values], query_timeout });
  }
}

/**
 * Gives a client back to its pool. One that is closed may still hear from the server, and an error that
 * nobody listens to would end the process.
 */
function release(
  client: PgPoolClient,
  listener: (error: Error) => void,
  destroy: Error | true | undefined,
): void {
  if (destroy === undefined) client.removeListener('error', listener);
  client.release(destroy);
}
