import { describe, expect, it } from '@jest/globals';
import { PgliteDatabase } from '../../src/postgres/pglite-database.js';
import type { Pglite } from '../../src/postgres/pglite-database.js';

describe('an embedded database that is refused', () => {
  it('refuses the statements of a transaction that began before', async () => {
    const pglite = new RecordingPglite();
    const database = new PgliteDatabase(pglite, async () => undefined);

    const transaction = database.transaction(async (session) => {
      database.refuse();
      await session.query('SELECT 1');
    });

    await expect(transaction).rejects.toThrow('has lost its directory');
    expect(pglite.calls).toEqual(['BEGIN', 'ROLLBACK']);
  });

  it('does not commit what was written before', async () => {
    const pglite = new RecordingPglite();
    const database = new PgliteDatabase(pglite, async () => undefined);

    const transaction = database.transaction(async (session) => {
      await session.query('INSERT');
      database.refuse();
    });

    await expect(transaction).rejects.toThrow('has lost its directory');
    expect(pglite.calls).toEqual(['BEGIN', 'INSERT', 'ROLLBACK']);
  });

  it('is not closed, because that writes', async () => {
    const pglite = new RecordingPglite();
    const database = new PgliteDatabase(pglite, async () => undefined);
    database.refuse();

    await database.close();

    expect(pglite.calls).toEqual([]);
  });
});

describe('an embedded database', () => {
  it('gives its directory back when it cannot be closed, and says why it could not', async () => {
    const pglite = new RecordingPglite();
    pglite.close = () => Promise.reject(new Error('Cannot write.'));
    const database = new PgliteDatabase(pglite, async () => void pglite.calls.push('given back'));

    await expect(database.close()).rejects.toThrow('Cannot write.');

    expect(pglite.calls).toEqual(['given back']);
  });
});

class RecordingPglite implements Pglite {
  readonly calls: string[] = [];

  async query(text: string): Promise<{ rows: unknown[] }> {
    this.calls.push(text);
    return { rows: [] };
  }

  async exec(text: string): Promise<{ rows: unknown[] }[]> {
    return [await this.query(text)];
  }

  async transaction<T>(work: (transaction: Pick<Pglite, 'query'>) => Promise<T>): Promise<T> {
    await this.query('BEGIN');
    const working = work(this);
    await this.query(
      (await working.then(
        () => true,
        () => false,
      ))
        ? 'COMMIT'
        : 'ROLLBACK',
    );
    return working;
  }

  async close(): Promise<void> {
    await this.query('CLOSE');
  }
}
