import type { PgPool, PgPoolClient } from './pg-pool.interface.js';

/** A connection until it is given back, which happens once. */
export interface LentClient {
  readonly client: PgPoolClient;
  readonly release: (destroy?: Error | boolean) => void;
  /** Ends it at once, whether or not the server answers. */
  readonly end: (error: Error) => void;
}

/** Takes connections of a pool, and knows which it has until they are given back. */
export class ClientLender {
  /** Ends each that is lent, and the waiting for each that is not yet. */
  readonly #ends = new Set<(error: Error) => void>();
  #severed: Error | undefined;

  constructor(private readonly pool: PgPool) {}

  /**
   * Listens for the end of a connection from the moment it is lent: nobody else does, and an error event
   * without a listener ends the process.
   */
  lend(onLost: (error: Error) => void): Promise<LentClient> {
    if (this.#severed) return Promise.reject(this.#severed);
    return new Promise((resolve, reject) => {
      this.#ends.add(reject);
      this.pool.connect((error, client) => {
        // Somebody else may have it where nobody waits here any more.
        if (!this.#ends.delete(reject)) return client?.release();
        if (!client) return reject(error ?? new Error('The pool gave no connection.'));
        resolve(this.#hold(client, onLost));
      });
    });
  }

  /** Ends all that are lent, whether or not the server answers, and lends no other. */
  sever(): void {
    this.#severed = new Error('The inbox has stopped, and its connections are closed.');
    for (const end of this.#ends) end(this.#severed);
    this.#ends.clear();
  }

  #hold(client: PgPoolClient, onLost: (error: Error) => void): LentClient {
    let isReleased = false;
    const release = (destroy?: Error | boolean): void => {
      if (isReleased) return;
      isReleased = true;
      this.#ends.delete(end);
      // One that is closed may still hear from the server.
      if (destroy) client.on('error', () => undefined);
      client.removeListener('error', lose);
      client.release(destroy);
    };
    const end = (error: Error): void => {
      // Released, it would say goodbye first, and wait for an answer.
      client.connection?.stream?.destroy();
      release(error);
    };
    // What is lost before anyone could use it is told by the first statement.
    const lose = (problem: Error): void => onLost(problem);
    client.on('error', lose);
    this.#ends.add(end);
    return { client, release, end };
  }
}
