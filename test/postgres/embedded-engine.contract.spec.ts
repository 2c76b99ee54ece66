import { randomBytes } from 'node:crypto';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll } from '@jest/globals';
import * as runner from '@jest/globals';
import { PgliteDatabase } from '../../src/postgres/pglite-database.js';
import { PostgresEngine } from '../../src/postgres/postgres-engine.js';
import { resolvePostgresOptions } from '../../src/postgres/postgres-engine.options.js';
import { engineContract } from '../../src/testing/engine-contract/engine-contract.js';

/** One for all tests, because a new one takes seconds: each test has a schema of its own. */
let pglite: PGlite;

beforeAll(async () => {
  pglite = await PGlite.create();
}, 120_000);

afterAll(() => pglite.close(), 120_000);

engineContract(runner, {
  name: 'The embedded engine',
  createEngine: () => {
    const schema = `test_${randomBytes(6).toString('hex')}`;
    const settings = resolvePostgresOptions({ embedded: 'in memory', schema });
    const open = async (): Promise<PgliteDatabase> => new SharedDatabase(pglite, async () => {});
    return new PostgresEngine(settings, open);
  },
});

class SharedDatabase extends PgliteDatabase {
  override async close(): Promise<void> {}
}
