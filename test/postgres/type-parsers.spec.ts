import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemClock } from '../../src/inbox/clock.js';
import type { PruneReport } from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, FAILED, START, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, POSTGRES_URL } from './test-schema.js';

const { BOOL, BYTEA, INT2, INT4, INT8, JSONB, TEXT, TIMESTAMPTZ, UUID } = pg.types.builtins;
const BYTES = Buffer.from([0, 0x5c, 0x27, 0x7f, 0x80, 0xff, ...Buffer.from('\\x00 \\101')]);

describe('a pool whose application has told pg how to read', () => {
  it.each<[string, readonly number[], (text: string) => unknown]>([
    ['integers as BigInt', [INT2, INT4, INT8], BigInt],
    ['integers as numbers', [INT8], Number],
    ['bytes as text', [BYTEA], (text) => text],
    ['booleans as letters', [BOOL], (text) => text],
    ['dates as numbers', [TIMESTAMPTZ], (text) => Date.parse(text)],
    ['dates as text', [TIMESTAMPTZ], (text) => text],
    ['JSON as text', [JSONB], (text) => text],
    ['text and ids in capitals', [TEXT, UUID], (text) => text.toUpperCase()],
  ])('%s is read as any other', async (_name, types, parse) => {
    const parsers = {
      getTypeParser: ((type: number, format?: 'text') =>
        types.includes(type)
          ? parse
          : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
    };
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, types: parsers });

    expect(await useAll(pool)).toEqual({ bodies: 1, events: 1 });
  });

  it('bytes as escapes is read as any other', async () => {
    const options = '-c bytea_output=escape';
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, options });

    expect(await useAll(pool)).toEqual({ bodies: 1, events: 1 });
  });
});

/** Uses the engine from a first attempt to forgetting, and gives what was forgotten. */
async function useAll(pool: pg.Pool): Promise<PruneReport> {
  const engine = postgresEngine({ pool, schema: createTestSchema().schema });
  await engine.start({ clock: systemClock });
  const worker = new ManualWorker();
  await engine.consume(worker.run, { concurrency: 2 });
  const event = webhookEvent({ rawBody: BYTES, livemode: false });
  await engine.accept([arrival(event, 'a')]);
  (await worker.next()).finish({ ...FAILED, retryAt: new Date() });
  const again = await worker.next();

  expect(again).toMatchObject({
    attempt: 2,
    replays: 0,
    event: { ...event, receivedAt: new Date(START), rawBody: BYTES },
  });
  again.finish(SUCCEEDED);
  expect(await engine.attempted(event)).toMatchObject({
    receivedAt: new Date(START),
    deliveries: [{ status: 'succeeded', attempts: 2 }],
  });
  expect(await engine.accept([arrival(event, 'a', 'b')])).toEqual([{ status: 'repeated' }]);
  (await worker.next()).finish(SUCCEEDED);
  await engine.attempted(event);
  expect((await engine.list({ status: 'succeeded' })).events).toHaveLength(1);
  const later = new Date(START + 1);
  const report = await engine.prune({ bodies: later, events: later });
  await engine.stop();
  await pool.end();
  return report;
}
