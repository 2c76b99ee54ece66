import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, FAILED, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

const MANY = 200;

describe('a role whose transactions are serializable unless they say otherwise', () => {
  it('stores, runs and is asked as any other', async () => {
    const { schema } = createTestSchema();
    const options = '-c default_transaction_isolation=serializable';
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 12, options });
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(({ attempt }) =>
      attempt === 1 ? { ...FAILED, retryAt: new Date() } : SUCCEEDED,
    );
    await engine.consume(worker.run, { concurrency: 16 });
    const events = Array.from({ length: MANY }, () => webhookEvent());
    const accept = async (): Promise<void> => {
      await Promise.all(events.map((event) => engine.accept([arrival(event, 'a', 'b')])));
    };

    await accept();
    await Promise.all([accept(), accept(), ...events.map((event) => engine.attempted(event))]);

    const found = await Promise.all(events.map((event) => engine.find(event)));
    const deliveries = found.flatMap((event) => event!.deliveries);
    expect(deliveries.filter(({ status }) => status === 'succeeded')).not.toHaveLength(0);
    expect(deliveries).toHaveLength(2 * MANY);
    await engine.stop();
    await pool.end();
  }, 60_000);
});

describe('a handler’s transaction that sees one moment only', () => {
  it('is committed though its lease was renewed meanwhile', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const event = webhookEvent();
    await engine.accept([arrival(event, 'a')]);

    await engine.consume(
      async ({ transact }) => {
        const failure = await transact!(async (transaction) => {
          const client = transaction as pg.PoolClient;
          await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
          const { rows } = await client.query('SELECT clock_timestamp() AS seen');
          await renewedAfter(schema, rows[0].seen);
        }).catch((error: Error) => error);
        if (!failure) return SUCCEEDED;
        const { name, message } = failure as Error;
        return { status: 'dead', error: { name, message } };
      },
      { concurrency: 1 },
    );

    expect((await engine.attempted(event))?.deliveries).toEqual([
      expect.objectContaining({ status: 'succeeded', attempts: 1 }),
    ]);
    await engine.stop();
    const jobs = await testPool().query(
      `SELECT 1 FROM ${schema}_jobs.job WHERE name = 'deliveries'`,
    );
    expect(jobs.rows).toEqual([]);
  });
});

async function renewedAfter(schema: string, moment: Date): Promise<void> {
  const renewed = `SELECT 1 FROM ${schema}_jobs.job
    WHERE name = 'deliveries' AND heartbeat_on > $1`;
  while ((await testPool().query(renewed, [moment])).rows.length === 0);
}
