import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { startProcess } from './processes/start-process.js';
import { createTestSchema } from './test-schema.js';

const TEN = 10;
/** Leases are pg-boss's and run on real time. */
const LONGER_THAN_A_LEASE_MS = 13_000;

describe('a handler that runs longer than a lease', () => {
  it('keeps its delivery for as long as its process lives', async () => {
    const options = createTestSchema();
    const engines = [postgresEngine(options), postgresEngine(options)];
    const runs: number[] = [];
    const event = webhookEvent();
    for (const engine of engines) {
      await engine.start({ clock: systemClock });
      await engine.consume(
        async ({ attempt }) => {
          runs.push(attempt);
          await delay(LONGER_THAN_A_LEASE_MS);
          return SUCCEEDED;
        },
        { concurrency: 1 },
      );
    }

    await engines[0]!.accept([arrival(event, 'a')]);

    const stored = await engines[1]!.attempted(event);
    expect(stored?.deliveries).toMatchObject([{ status: 'succeeded', attempts: 1 }]);
    expect(runs).toEqual([1]);
    await Promise.all(engines.map((engine) => engine.stop()));
  }, 30_000);
});

describe('a process that is killed', () => {
  it('has its deliveries taken over within 15 seconds, none lost and none twice', async () => {
    const { pool, schema } = createTestSchema();
    const survivor = postgresEngine({ pool, schema });
    await survivor.start({ clock: systemClock });
    const killed = startProcess([schema, String(TEN)]);
    await killed.says('started');
    killed.tell('consume');
    const events = Array.from({ length: TEN }, () => webhookEvent());
    await survivor.accept(events.map((event) => arrival(event, 'a')));
    for (let count = 0; count < TEN; count++) await killed.says('running');

    const runs: string[] = [];
    await killed.kill();
    const killedAt = performance.now();
    await survivor.consume(
      async ({ event, attempt }) => {
        runs.push(`${event.id} attempt ${attempt}`);
        return SUCCEEDED;
      },
      { concurrency: 16 },
    );
    await Promise.all(events.map((event) => survivor.attempted(event)));

    expect(performance.now() - killedAt).toBeLessThan(15_000);
    expect(runs.sort()).toEqual(events.map(({ id }) => `${id} attempt 2`).sort());
    await survivor.stop();
  }, 30_000);
});
