import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { EngineLog } from '../../src/inbox/webhook-engine.interface.js';
import { openDatabase } from '../../src/postgres/open-database.js';
import type { SqlDatabase } from '../../src/postgres/sql-database.interface.js';
import { testDirectory } from './test-directory.js';

// The first start of an embedded PostgreSQL makes its files, which takes seconds.
const SLOW_MS = 60_000;

describe('an embedded PostgreSQL whose directory another process takes', () => {
  it(
    'does not start when that happens while it is started',
    async () => {
      const directory = await testDirectory();
      const takenByAnother = (): void => writeFileSync(nextOwner(directory), 'another');

      const opening = open(directory, { info: takenByAnother, error: () => undefined });

      await expect(opening).rejects.toThrow(`This process has lost ${directory}: another process`);
      expect(readFileSync(nextOwner(directory), 'utf8')).toBe('another');
    },
    SLOW_MS,
  );

  it(
    'says so and refuses what comes then',
    async () => {
      const directory = await testDirectory();
      const { log, firstError } = recordingLog();
      const database = await open(directory, log);

      await writeFile(nextOwner(directory), 'another');

      expect(await firstError).toMatchObject({ message: expect.stringContaining('has lost') });
      await expect(database.query('SELECT 1')).rejects.toThrow('has lost its directory');
      await database.close();
      expect(readFileSync(nextOwner(directory), 'utf8')).toBe('another');
    },
    SLOW_MS,
  );
});

function open(directory: string, log: EngineLog): Promise<SqlDatabase> {
  const target = { directory, allowInProduction: false };
  return openDatabase({ schema: 'inbox', acceptTimeoutMs: 10_000, target }, log);
}

function nextOwner(directory: string): string {
  return join(directory, 'webhook-inbox.lock.2');
}

function recordingLog(): { log: EngineLog; firstError: Promise<unknown> } {
  let error!: EngineLog['error'];
  const firstError = new Promise<unknown>((resolve) => {
    error = (_message, reason) => resolve(reason);
  });
  return { log: { info: () => undefined, error }, firstError };
}
