import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import type { PgPool } from '../../src/postgres/index.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { silentNetwork } from './silent-network.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, testPool } from './test-schema.js';

/** A pool whose connections, from some time on, are lost in the moment in which they are lent. */
function poolThatLoses(): PgPool & { isLosing: boolean } {
  const pool = testPool();
  return {
    isLosing: false,
    connect(onConnect) {
      pool.connect((error, client) => {
        onConnect(error, client);
        if (!this.isLosing || !client) return;
        // What PostgreSQL has said to a connection that it ends comes with the same packet as its greeting.
        client.emit('error', new Error('terminating connection due to administrator command'));
      });
    },
    end: async () => undefined,
  };
}

describe('a connection that is lost in the moment in which it is lent', () => {
  it('does not end the process, and the next one works', async () => {
    const pool = poolThatLoses();
    const engine = postgresEngine({ pool, schema: createTestSchema().schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    const event = webhookEvent();
    await engine.accept([arrival(event, 'a')]);

    pool.isLosing = true;
    await engine.consume(worker.run, { concurrency: 1 });
    await engine.accept([arrival(webhookEvent())]).catch(() => undefined);
    pool.isLosing = false;

    const stored = await engine.attempted(event);
    expect(stored?.deliveries).toMatchObject([{ status: 'succeeded' }]);
    await engine.stop();
  });
});

describe('the connection that is kept for leases', () => {
  it('lets none run out where the network drops it without a word', async () => {
    const network = await silentNetwork();
    const { schema } = createTestSchema();
    const engine = postgresEngine({ connectionString: network.connectionString, schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    await engine.consume(worker.run, { concurrency: 2 });
    await engine.accept([arrival(webhookEvent(), 'a')]);
    const run = await worker.next();

    network.silence('LISTEN');

    const { rows } = await testPool().query('SELECT clock_timestamp() AS cut');
    const renewed = `SELECT retry_count FROM ${schema}_jobs.job
      WHERE name = 'deliveries' AND heartbeat_on > $1::timestamptz + interval '1 second'`;
    let job: { retry_count: number } | undefined;
    while (!job) [job] = (await testPool().query(renewed, [rows[0].cut])).rows;
    // Taken anew it would be renewed too.
    expect(job).toEqual({ retry_count: 0 });
    expect(worker.runs).toHaveLength(1);
    run.finish(SUCCEEDED);
    await engine.stop();
  }, 60_000);
});
