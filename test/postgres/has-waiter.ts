import { setImmediate } from 'node:timers/promises';
import { testPool } from './test-schema.js';

/** Resolves when a statement on the schema waits for a lock. */
export async function hasWaiter(schema: string): Promise<void> {
  const find = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`;
  while ((await testPool().query(find, [`%${schema}%`])).rows.length === 0) await setImmediate();
}
