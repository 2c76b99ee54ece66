import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { arrival, webhookEvent } from '../contract/engine-bench.js';
import { seededRandom } from '../support/seeded-random.js';
import { startProcess } from './processes/start-process.js';
import { createTestSchema, testPool } from './test-schema.js';

const KILLS = 5;
const EVENTS = 400;
/** What a killed process had is taken over after its lease, which is pg-boss's. */
const TIMEOUT_MS = 120_000;

describe('a process that is killed again and again', () => {
  it(
    'writes what its handlers write in their transactions exactly once',
    async () => {
      const { pool, schema } = createTestSchema();
      // Without a unique key: what is written twice is there twice.
      const web = postgresEngine({ pool, schema });
      await web.start({ clock: systemClock });
      await testPool().query(`CREATE TABLE ${schema}.fulfilment (event_id text)`);
      const events = Array.from({ length: EVENTS }, () => webhookEvent());
      await web.accept(events.map((event) => arrival(event, 'a')));

      const random = seededRandom(Date.now());
      for (let kill = 0; kill < KILLS; kill++) {
        const worker = startProcess([schema], {}, 'fulfilling.mjs');
        await worker.says('begun');
        await delay(random.below(60));
        await worker.kill();
      }
      const unfinished = await count(`${schema}.webhook_delivery WHERE status <> 'succeeded'`);
      startProcess([schema], {}, 'fulfilling.mjs');
      const stored = await Promise.all(events.map((event) => web.attempted(event)));

      // Otherwise the kills came too late to say anything.
      expect(unfinished).toBeGreaterThan(0);
      expect(stored.map((event) => event?.deliveries[0]?.status)).toEqual(
        events.map(() => 'succeeded'),
      );
      const { rows } = await testPool().query(
        `SELECT event_id, count(*)::int FROM ${schema}.fulfilment GROUP BY event_id`,
      );
      expect(rows).toHaveLength(EVENTS);
      expect(rows.filter((row) => row.count !== 1)).toEqual([]);
      await web.stop();
    },
    TIMEOUT_MS,
  );
});

async function count(of: string): Promise<number> {
  return (await testPool().query(`SELECT count(*)::int FROM ${of}`)).rows[0].count;
}
