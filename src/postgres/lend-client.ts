import type { PgPool, PgPoolClient } from './pg-pool.interface.js';

/** A connection until it is given back, which happens once. */
export interface LentClient {
  readonly client: PgPoolClient;
  readonly release: (destroy?: Error | boolean) => void;
}

/**
 * Takes a connection of a pool, and listens for its end from the moment it is lent: nobody else does, and an
 * error event without a listener ends the process.
 */
export function lendClient(pool: PgPool, onLost: (error: Error) => void): Promise<LentClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
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
