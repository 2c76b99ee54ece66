import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import pg from 'pg';

export const POSTGRES_URL = process.env['POSTGRES_URL']!;

let shared: pg.Pool | undefined;
const schemas: string[] = [];

/** A pool for all tests of a file. */
export function testPool(): pg.Pool {
  if (!shared) {
    shared = new pg.Pool({ connectionString: POSTGRES_URL, max: 20 });
    shared.on('error', () => undefined);
  }
  return shared;
}

/** A schema of the test's own, which is gone after the file. */
export function createTestSchema(): { pool: pg.Pool; schema: string } {
  const schema = `test_${randomBytes(6).toString('hex')}`;
  schemas.push(schema, `${schema}_jobs`);
  return { pool: testPool(), schema };
}

afterAll(async () => {
  // A server that was started for the run is deleted after it.
  const isOurs = process.env['POSTGRES_IS_OURS'] === 'true';
  for (const schema of isOurs ? [] : schemas) {
    await shared?.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  }
  await shared?.end();
  shared = undefined;
}, 60_000);
