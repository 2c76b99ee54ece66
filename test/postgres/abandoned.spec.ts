import { describe, expect, it } from '@jest/globals';
import type { PoolClient } from 'pg';
import { systemClock } from '../../src/inbox/clock.js';
import type { WebhookEngine } from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { SUCCEEDED } from '../contract/engine-bench.js';
import { startProcess } from './processes/start-process.js';
import type { TestProcess } from './processes/start-process.js';
import { silentNetwork } from './silent-network.js';
import type { SilentNetwork } from './silent-network.js';
import { createTestSchema, testPool } from './test-schema.js';

const SHUTDOWN_TIMEOUT_MS = 1000;
/** The last moment of a shutdown is half a second; the machine may be slow. */
const LATEST_MS = SHUTDOWN_TIMEOUT_MS + 5000;

interface Bench {
  readonly schema: string;
  readonly network: SilentNetwork;
  readonly survivor: WebhookEngine;
  /** Begins these events one after the other, in a process that reaches the database by the network. */
  readonly begin: (ids: readonly string[], inTransaction?: 'transaction') => Promise<TestProcess>;
}

async function openBench(whose: string): Promise<Bench> {
  const { pool, schema } = createTestSchema();
  const network = await silentNetwork();
  const survivor = postgresEngine({ pool, schema });
  await survivor.start({ clock: systemClock });
  await testPool().query(`CREATE TABLE ${schema}.fulfilment (event_id text)`);
  const begin: Bench['begin'] = async (ids, inTransaction) => {
    const closing = startProcess(
      [schema, whose, String(SHUTDOWN_TIMEOUT_MS), ...(inTransaction ? [inTransaction] : [])],
      { POSTGRES_URL: network.connectionString },
      'closing.mjs',
    );
    await closing.says('started');
    for (const id of ids) {
      closing.tell(`receive ${id}`);
      await closing.says('running');
    }
    return closing;
  };
  return { schema, network, survivor, begin };
}

function keyOf(id: string) {
  return { source: 'stripe', id };
}

/** What another process runs, when it has run all that is left of these. */
async function runsOfLeft(
  { survivor, schema }: Bench,
  ids: readonly string[],
  inTransaction?: 'transaction',
): Promise<string[]> {
  const runs: string[] = [];
  await survivor.consume(
    async ({ event, attempt, transact }) => {
      const insert = `INSERT INTO ${schema}.fulfilment VALUES ($1)`;
      if (inTransaction) {
        await transact!((client) => (client as PoolClient).query(insert, [event.id]));
      }
      runs.push(`${event.id} attempt ${attempt}`);
      return SUCCEEDED;
    },
    { concurrency: 4 },
  );
  const stored = await Promise.all(ids.map((id) => survivor.attempted(keyOf(id))));
  await survivor.stop();
  expect(stored.map((event) => event?.deliveries[0]?.status)).toEqual(ids.map(() => 'succeeded'));
  return runs.sort();
}

describe.each(['own', 'given'])('an application with %s pool that is closed', (whose) => {
  const ids = ['done', 'told', 'stuck'];

  it('ends while the database is away, and another process runs what it could not keep', async () => {
    const bench = await openBench(whose);
    const closing = await bench.begin(ids);
    await bench.survivor.attempted(keyOf('done'));

    bench.network.silenceAll();
    closing.tell('finish');
    closing.tell('close');

    const { tookMs, warnings, errors } = JSON.parse(await closing.says('closed'));
    expect(tookMs).toBeLessThan(LATEST_MS);
    expect(await closing.ended).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/still run after 1000 ms: 1\. .*aborted/)]);
    expect(errors).toEqual([
      expect.stringMatching(/^Outcomes .* had not taken when the inbox stopped: 1\. .*run again/),
    ]);
    expect(await runsOfLeft(bench, ids)).toEqual(['stuck attempt 2', 'told attempt 2']);
  }, 60_000);

  it('ends while its handlers are in their transactions, and what these had not committed is done again', async () => {
    const bench = await openBench(whose);
    const closing = await bench.begin(ids, 'transaction');
    await bench.survivor.attempted(keyOf('done'));

    bench.network.silenceAll();
    closing.tell('finish');
    closing.tell('close');

    const { tookMs, warnings } = JSON.parse(await closing.says('closed'));
    expect(tookMs).toBeLessThan(LATEST_MS);
    expect(await closing.ended).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/still run after 1000 ms: 2\. .*aborted/)]);
    expect(await runsOfLeft(bench, ids, 'transaction')).toEqual([
      'stuck attempt 2',
      'told attempt 2',
    ]);
    const { rows } = await testPool().query(
      `SELECT event_id FROM ${bench.schema}.fulfilment ORDER BY event_id`,
    );
    expect(rows.map(({ event_id }) => event_id)).toEqual(['done', 'stuck', 'told']);
  }, 60_000);

  it('ends while the connection of a transaction answers nothing, not even a goodbye', async () => {
    const bench = await openBench(whose);
    const closing = await bench.begin(['stuck'], 'transaction');

    bench.network.silence('fulfilment');
    closing.tell('close');

    const { tookMs } = JSON.parse(await closing.says('closed'));
    expect(tookMs).toBeLessThan(LATEST_MS);
    expect(await closing.ended).toBe(0);
    await bench.survivor.stop();
  }, 60_000);
});
