import { afterEach, describe, expect, it } from '@jest/globals';
import { DeliveryLostError } from '../../src/errors/delivery-lost.error.js';
import { systemClock } from '../../src/inbox/clock.js';
import type {
  DueDelivery,
  Outcome,
  WebhookEngine,
} from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { arrival, FAILED, statuses, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { deferred } from '../support/deferred.js';
import { drizzleCase } from './libraries/drizzle.js';
import { knexCase } from './libraries/knex.js';
import { kyselyCase } from './libraries/kysely.js';
import type { CreateLibraryCase, LibraryCase } from './libraries/library-case.js';
import { pgCase } from './libraries/pg.js';
import { prismaCase } from './libraries/prisma.js';
import { typeormCase } from './libraries/typeorm.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

const LATER = new Date(Date.now() + 3_600_000);

interface Bench {
  readonly engine: WebhookEngine;
  readonly library: LibraryCase;
  readonly schema: string;
  /** The rows that the application has written. */
  readonly written: () => Promise<string[]>;
}

const opened: Pick<Bench, 'engine' | 'library'>[] = [];

afterEach(async () => {
  for (const { engine, library } of opened.splice(0)) {
    await engine.stop();
    await library.close();
  }
});

/** An engine whose handlers write with a library; what a handler throws fails its delivery. */
async function openBench(create: CreateLibraryCase): Promise<Bench> {
  const { pool, schema } = createTestSchema();
  const library = await create({ connectionString: POSTGRES_URL, schema });
  const engine = postgresEngine({ pool, schema, transactions: library.adapter });
  await engine.start({ clock: systemClock });
  await testPool().query(`CREATE TABLE ${schema}.fulfilment (event_id text PRIMARY KEY)`);
  const written = async (): Promise<string[]> =>
    (await testPool().query(`SELECT event_id FROM ${schema}.fulfilment`)).rows.map(
      ({ event_id }) => event_id,
    );
  opened.push({ engine, library });
  return { engine, library, schema, written };
}

const CASES: readonly (readonly [string, CreateLibraryCase])[] = [
  ['pg', pgCase],
  ['Kysely', kyselyCase],
  ['Drizzle', drizzleCase],
  ['Knex', knexCase],
  ['TypeORM', typeormCase],
  ['Prisma', prismaCase],
];

describe.each(CASES)('transactions of %s', (_name, create) => {
  it('are committed with the success of their delivery', async () => {
    const { engine, library, written } = await openBench(create);
    const event = webhookEvent();
    const committed = deferred<object>();
    await engine.accept([arrival(event, 'a')]);

    await engine.consume(
      async ({ transact }) => {
        await transact!((transaction) => library.write(transaction, event.id));
        committed.resolve(await statuses(engine, event));
        return SUCCEEDED;
      },
      { concurrency: 2 },
    );

    // Whatever its process says or does after that.
    expect(await committed.promise).toEqual({ a: 'succeeded' });
    expect((await engine.attempted(event))?.deliveries).toMatchObject([
      { status: 'succeeded', attempts: 1 },
    ]);
    expect(await written()).toEqual([event.id]);
  });

  it('are rolled back when the handler fails, and rejected with its own error', async () => {
    const { engine, library, written } = await openBench(create);
    const event = webhookEvent();
    const thrown = new Error('no');
    const rejected = deferred<unknown>();
    await engine.accept([arrival(event, 'a')]);

    await engine.consume(
      ({ transact }) =>
        failed(
          transact!(async (transaction) => {
            await library.write(transaction, event.id);
            throw thrown;
          }),
          rejected.resolve,
        ),
      { concurrency: 2 },
    );

    expect(await rejected.promise).toBe(thrown);
    expect((await engine.attempted(event))?.deliveries).toMatchObject([{ status: 'failed' }]);
    expect(await written()).toEqual([]);
  });

  it('are refused where another process has taken the delivery over', async () => {
    const { engine, library, schema, written } = await openBench(create);
    const event = webhookEvent();
    const rejected = deferred<unknown>();
    await engine.accept([arrival(event, 'a')]);

    await engine.consume(
      ({ transact }) =>
        failed(
          transact!(async (transaction) => {
            await library.write(transaction, event.id);
            await takeOver(schema);
          }),
          rejected.resolve,
        ),
      { concurrency: 2 },
    );

    expect(await rejected.promise).toBeInstanceOf(DeliveryLostError);
    expect(await written()).toEqual([]);
    expect(await statuses(engine, event)).toEqual({ a: 'running' });
  });

  it('take an event, which runs when they are committed and not before', async () => {
    const { engine, library, written } = await openBench(create);
    const event = webhookEvent({ rawBody: Buffer.from([0, 0xff, 0x7b]), account: 'acct_1' });
    const ran = deferred<DueDelivery>();
    await engine.consume(async (due) => (ran.resolve(due), SUCCEEDED), { concurrency: 2 });

    await library.begin(async (transaction) => {
      await library.write(transaction, event.id);
      const acceptances = await engine.accept([arrival(event, 'a', 'b')], transaction);
      expect(acceptances).toEqual([{ status: 'accepted' }]);
      expect(await engine.accept([arrival(event, 'a')], transaction)).toEqual([
        { status: 'repeated' },
      ]);
      expect(await engine.find(event, transaction)).toMatchObject({
        receivedAt: event.receivedAt,
        deliveries: [{ status: 'pending' }, { status: 'pending' }],
      });
      expect(await engine.find(event)).toBeUndefined();
    });

    expect((await ran.promise).event).toMatchObject({ id: event.id, rawBody: event.rawBody });
    expect((await engine.attempted(event))?.deliveries).toHaveLength(2);
    expect(await written()).toEqual([event.id]);
  });

  it('take an event with them when they are rolled back', async () => {
    const { engine, library, schema } = await openBench(create);
    const event = webhookEvent();
    const rollingBack = library.begin(async (transaction) => {
      await engine.accept([arrival(event, 'a')], transaction);
      throw new Error('no');
    });

    await expect(rollingBack).rejects.toThrow('no');

    expect(await engine.find(event)).toBeUndefined();
    const { rows } = await testPool().query(
      `SELECT id FROM ${schema}_jobs.job WHERE name = 'deliveries'`,
    );
    expect(rows).toEqual([]);
  });
});

/** An attempt that fails and is not due again within the test. */
async function failed(running: Promise<unknown>, tell: (error: unknown) => void): Promise<Outcome> {
  await running.catch(tell);
  return { ...FAILED, retryAt: LATER };
}

/** As a process does that finds the lease at its end. */
async function takeOver(schema: string): Promise<void> {
  await testPool().query(`UPDATE ${schema}.webhook_delivery SET claim = claim + 1`);
}
