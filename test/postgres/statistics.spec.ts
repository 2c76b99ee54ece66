import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { COUNT_OPEN, SUMMARIZE, USE_INDEXES } from '../../src/postgres/ledger-statements.js';
import { inSchema } from '../../src/postgres/in-schema.js';
import { fifoArrival } from '../../src/testing/engine-contract/fifo-arrival.js';
import { DEAD, webhookEvent } from '../contract/engine-bench.js';
import { createTestSchema, testPool } from './test-schema.js';

const FINISHED = 150_000;

/** An engine with many finished deliveries behind it. */
async function startOld() {
  const { pool, schema } = createTestSchema();
  const engine = postgresEngine({ pool, schema });
  await engine.start({ clock: systemClock });
  await testPool().query(
    `INSERT INTO ${schema}.webhook_event (
       source, event_id, type, endpoint, received_at, arrived_by, headers, stored_at
     )
     SELECT 'test', 'old_' || n, 'test', 'test', now() - interval '1 day', 'http', '{}',
            now() - interval '1 day'
     FROM generate_series(1, ${FINISHED}) AS n`,
  );
  await testPool().query(
    `INSERT INTO ${schema}.webhook_delivery (
       event_id, handler, position, endpoint, job_id, status, attempts, stored_at, finished_at
     )
     SELECT id, 'a', 0, 'test', gen_random_uuid(),
            CASE WHEN id % 3 = 0 THEN 'skipped' ELSE 'succeeded' END, 1, now(), now() - interval '1 day'
     FROM ${schema}.webhook_event`,
  );
  return { engine, schema };
}

describe('the statistics of an inbox with a long past', () => {
  it('count what is unfinished or dead, and estimate what is finished', async () => {
    const { engine } = await startOld();
    const [dead, behind] = [webhookEvent(), webhookEvent()];
    await engine.consume(async () => DEAD, { concurrency: 1 });
    await engine.accept([fifoArrival(dead, 'one')]);
    await engine.attempted(dead);
    await engine.accept([fifoArrival(behind, 'one')]);

    const { deliveries, ...stats } = await engine.stats();
    await engine.stop();

    expect(deliveries).toMatchObject({ pending: 1, running: 0, failed: 0, dead: 1 });
    expect(Math.abs(deliveries.succeeded / ((2 * FINISHED) / 3) - 1)).toBeLessThan(0.15);
    expect(Math.abs(deliveries.skipped / (FINISHED / 3) - 1)).toBeLessThan(0.15);
    expect(stats).toEqual({
      oldestUnfinishedAt: behind.receivedAt,
      lastMinute: { receivedEvents: 2, settledDeliveries: 1 },
      paused: [],
      blockedLanes: 1,
    });
  }, 120_000);

  it('read no table from end to end, also where PostgreSQL knows nothing of it yet', async () => {
    const { engine, schema } = await startOld();
    const client = await testPool().connect();
    await client.query(`BEGIN; ${USE_INDEXES}`);

    const plans = [];
    for (const statement of [COUNT_OPEN, SUMMARIZE]) {
      const { rows } = await client.query(`EXPLAIN ${inSchema(statement, schema)}`);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    }
    await client.query('ROLLBACK');
    client.release();
    await engine.stop();

    for (const plan of plans) {
      expect(plan).toContain('Scan');
      expect(plan).not.toContain('Seq Scan');
    }
  }, 120_000);
});
