import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, webhookEvent } from '../contract/engine-bench.js';
import { createTestSchema, testPool } from './test-schema.js';

const MANY = 400;

describe('a backlog', () => {
  it('is made known to the planner, which had seen an empty queue', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    await engine.accept(Array.from({ length: MANY }, () => arrival(webhookEvent(), 'a')));
    expect(await rowsOfQueue(schema)).toBe(-1);

    await new Promise<void>((resolve) => {
      let count = 0;
      const run = async () => {
        count += 1;
        if (count === MANY) resolve();
        return { status: 'succeeded' } as const;
      };
      void engine.consume(run, { concurrency: 8 });
    });

    await engine.stop();
    expect(await rowsOfQueue(schema)).toBeGreaterThanOrEqual(0);
  });
});

/** As the planner knows it: -1 where nobody has told it. */
async function rowsOfQueue(schema: string): Promise<number> {
  const { rows } = await testPool().query(
    `SELECT reltuples FROM pg_class WHERE oid = '${schema}_jobs.job_common'::regclass`,
  );
  return Number(rows[0].reltuples);
}
