import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { startProcess } from './processes/start-process.js';
import type { TestProcess } from './processes/start-process.js';
import { createTestSchema, testPool } from './test-schema.js';

const EACH = 90;
const LANES = 5;

interface Step {
  readonly lane: string;
  readonly event_id: string;
  readonly what: 'begun' | 'ended';
}

async function startTwo(): Promise<{ schema: string; processes: TestProcess[] }> {
  const { pool, schema } = createTestSchema();
  const engine = postgresEngine({ pool, schema });
  await engine.start({ clock: systemClock });
  await engine.stop();
  await pool.query(`CREATE TABLE ${schema}.run (n bigserial, lane text, event_id text, what text)`);
  const processes = [1, 2].map((seed) => startProcess([schema, `${seed}`], {}, 'in-order.mjs'));
  for (const each of processes) await each.says('started');
  return { schema, processes };
}

async function haveSettled(schema: string, count: number): Promise<void> {
  const find = `SELECT count(*)::int FROM ${schema}.webhook_delivery WHERE finished_at IS NOT NULL`;
  while ((await testPool().query(find)).rows[0].count < count) await setImmediate();
}

/** What ran in each lane, one after the other. */
async function stepsByLane(schema: string): Promise<Step[][]> {
  const { rows } = await testPool().query<Step>(`SELECT * FROM ${schema}.run ORDER BY n`);
  return [...new Set(rows.map(({ lane }) => lane))].map((lane) =>
    rows.filter((row) => row.lane === lane),
  );
}

/** The ids of the events of a lane in the order in which they were stored. */
async function storedOrder(schema: string, lane: string): Promise<string[]> {
  const { rows } = await testPool().query(
    `SELECT event_id FROM ${schema}.webhook_event WHERE headers->>'lane' = $1 ORDER BY id`,
    [lane],
  );
  return rows.map(({ event_id }) => event_id);
}

describe('lanes in order in two processes, with failures, retries and deaths by chance', () => {
  it('are never out of order, and never run two at once', async () => {
    const { schema, processes } = await startTwo();

    processes.forEach((each, index) => each.tell(`p${index} ${EACH} ${LANES}`));
    for (const each of processes) await each.says('accepted');
    await haveSettled(schema, 2 * EACH);

    const lanes = await stepsByLane(schema);
    expect(lanes).toHaveLength(LANES);
    for (const steps of lanes) {
      const overlaps = steps.filter(
        ({ what }, index) => what !== (index % 2 === 0 ? 'begun' : 'ended'),
      );
      const order = steps
        .map(({ event_id }) => event_id)
        .filter((id, index, all) => id !== all[index - 1]);
      expect(overlaps).toEqual([]);
      expect(order).toEqual(await storedOrder(schema, steps[0]!.lane));
    }
    // Otherwise it says nothing of retries.
    expect(lanes.flat().length).toBeGreaterThan(2 * 2 * EACH);
  }, 120_000);

  it('go on in order when the process that has their turn is killed', async () => {
    const { schema, processes } = await startTwo();
    processes[0]!.tell(`p0 ${EACH} 1`);
    await processes[0]!.says('accepted');

    await processes[0]!.kill();
    const { rows } = await testPool().query(
      `SELECT count(*)::int FROM ${schema}.webhook_delivery WHERE finished_at IS NULL`,
    );
    processes[1]!.tell('p1 1 1');
    await haveSettled(schema, EACH + 1);

    const [steps] = await stepsByLane(schema);
    const order = steps!
      .map(({ event_id }) => event_id)
      .filter((id, index, all) => id !== all[index - 1]);
    expect(order).toEqual(await storedOrder(schema, 'lane_0'));
    // Otherwise the kill came too late to say anything.
    expect(rows[0].count).toBeGreaterThan(0);
  }, 120_000);
});
