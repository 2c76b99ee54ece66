import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { PoolClient } from 'pg';
import type {
  Arrival,
  DueDelivery,
  Outcome,
  WantedDelivery,
} from '../../src/inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { FAILED, webhookEvent } from '../contract/engine-bench.js';
import { deferred } from '../support/deferred.js';
import { testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';
import type { TwoEngines } from './two-engines.js';

const MANY = 60;
const BURST = 10;

type Work = (client: PoolClient, delivery: DueDelivery) => Promise<void>;

/** Two engines on one schema, with tables in which handlers write. */
async function startTwo(work: Work): Promise<TwoEngines & { ran: DueDelivery[] }> {
  const { engines, schema } = await startTwoEngines();
  await testPool().query(
    `CREATE TABLE ${schema}.effect (event_id text);
     CREATE TABLE ${schema}.counter (n int); INSERT INTO ${schema}.counter VALUES (0)`,
  );
  const ran: DueDelivery[] = [];
  const run = async (delivery: DueDelivery): Promise<Outcome> => {
    ran.push(delivery);
    return delivery.transact!((transaction) => work(transaction as PoolClient, delivery)).then(
      () => ({ status: 'succeeded' }),
      () => ({ ...FAILED, retryAt: new Date() }),
    );
  };
  for (const engine of engines) await engine.consume(run, { concurrency: 8 });
  return { engines, schema, ran };
}

function arrivalIn(event: WebhookEvent, more: Partial<WantedDelivery>): Arrival {
  return { event, deliveries: [{ handler: 'a', lane: 'one', ...more }] };
}

/** Resolves when so many deliveries have succeeded. */
async function haveSucceeded(schema: string, count: number): Promise<void> {
  const find = `SELECT count(*)::int FROM ${schema}.webhook_delivery WHERE status = 'succeeded'`;
  while ((await testPool().query(find)).rows[0].count < count) await setImmediate();
}

describe('a lane of handlers with transactions, on two engines', () => {
  it.each(['exclusive', 'fifo'] as const)(
    'has one transaction at a time, and each effect with its success: %s',
    async (order) => {
      let schema = '';
      const { engines, ...started } = await startTwo(async (client, { event, attempt }) => {
        // Two at once would read the same number, and one of their writes would be lost.
        const { rows } = await client.query(`SELECT n FROM ${schema}.counter`);
        await setImmediate();
        await client.query(`UPDATE ${schema}.counter SET n = $1`, [rows[0].n + 1]);
        await client.query(`INSERT INTO ${schema}.effect VALUES ($1)`, [event.id]);
        if (attempt === 1 && Number(event.id.replace('evt_', '')) % 4 === 0) throw new Error('no');
      });
      schema = started.schema;
      const events = Array.from({ length: MANY }, () => webhookEvent());

      await Promise.all(
        events.map((event, index) => engines[index % 2]!.accept([arrivalIn(event, { order })])),
      );
      await haveSucceeded(schema, MANY);

      const { rows } = await testPool().query(
        `SELECT n, (SELECT count(*)::int FROM ${schema}.effect) AS effects,
                (SELECT count(DISTINCT event_id)::int FROM ${schema}.effect) AS events,
                (SELECT count(*)::int FROM ${schema}.webhook_lane) AS lanes
         FROM ${schema}.counter`,
      );
      expect(rows).toEqual([{ n: MANY, effects: MANY, events: MANY, lanes: 0 }]);
      expect(started.ran).toHaveLength(MANY + MANY / 4);
    },
    60_000,
  );
});

describe('a burst of a handler with a transaction', () => {
  it('is settled in the transaction of its one run, followers and effect together', async () => {
    let schema = '';
    const { engines, ran, ...started } = await startTwo(async (client, { event }) => {
      await client.query(`INSERT INTO ${schema}.effect VALUES ($1)`, [event.id]);
    });
    schema = started.schema;
    const events = Array.from({ length: BURST }, () => webhookEvent());

    await Promise.all(
      events.map((event, index) =>
        engines[index % 2]!.accept([arrivalIn(event, { coalesceMs: 1_000 })]),
      ),
    );
    await haveSucceeded(schema, BURST);

    // The transaction that wrote a row is kept in it.
    const { rows } = await testPool().query(
      `SELECT count(*)::int AS rows, count(DISTINCT writer)::int AS transactions FROM (
         SELECT xmin::text AS writer FROM ${schema}.webhook_delivery
         UNION ALL SELECT xmin::text FROM ${schema}.effect
       ) AS written`,
    );
    expect(rows).toEqual([{ rows: BURST + 1, transactions: 1 }]);
    expect(ran).toHaveLength(1);
  }, 30_000);

  it('stays pending, without an effect, when the transaction of its run is rolled back', async () => {
    let schema = '';
    const begun = deferred<void>();
    const resume = deferred<void>();
    const { engines, ...started } = await startTwo(async (client, { event, attempt }) => {
      await client.query(`INSERT INTO ${schema}.effect VALUES ($1)`, [event.id]);
      if (attempt > 1) return;
      begun.resolve();
      await resume.promise;
      throw new Error('no');
    });
    schema = started.schema;
    const events = Array.from({ length: BURST }, () => webhookEvent());
    await Promise.all(
      events.map((event) => engines[0].accept([arrivalIn(event, { coalesceMs: 200 })])),
    );
    await begun.promise;
    await engines[0].pause('a');

    resume.resolve();
    await Promise.all(events.map((event) => engines[0].attempted(event)));

    const { rows } = await testPool().query(
      `SELECT status, (SELECT count(*)::int FROM ${schema}.effect) AS effects, count(*)::int
       FROM ${schema}.webhook_delivery GROUP BY status ORDER BY status`,
    );
    expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(BURST);
    expect(rows.map(({ status }) => status)).not.toContain('succeeded');
    expect(rows.every(({ effects }) => effects === 0)).toBe(true);
  }, 30_000);
});
