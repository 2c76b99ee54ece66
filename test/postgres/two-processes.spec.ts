import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, FAILED, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import type { Arrival, WebhookEngine } from '../../src/inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

const MANY = 200;
const TWENTY = 20;

async function startTwo(): Promise<ReturnType<typeof postgresEngine>[]> {
  const options = createTestSchema();
  const engines = [postgresEngine(options), postgresEngine(options)];
  for (const engine of engines) await engine.start({ clock: systemClock });
  return engines;
}

async function stopAll(engines: readonly ReturnType<typeof postgresEngine>[]): Promise<void> {
  await Promise.all(engines.map((engine) => engine.stop()));
}

describe('two engines on one database', () => {
  it('run every delivery once, whichever of them took the event in', async () => {
    const engines = await startTwo();
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    for (const engine of engines) await engine.consume(worker.run, { concurrency: 4 });
    const events = Array.from({ length: MANY }, () => webhookEvent());

    await Promise.all(
      events.flatMap((event) => engines.map((engine) => engine.accept([arrival(event, 'a', 'b')]))),
    );
    await Promise.all(events.map((event) => engines[0]!.attempted(event)));

    expect(worker.countByHandler()).toEqual({ a: MANY, b: MANY });
    expect(worker.ranTwiceAtOnce).toEqual([]);
    await stopAll(engines);
  }, 20_000);

  it('accept an event once that comes to both at the same time', async () => {
    const engines = await startTwo();
    const events = Array.from({ length: MANY }, () => webhookEvent());

    const results = await Promise.all(
      // In other orders, which would deadlock if they were stored in them.
      [events, events.toReversed()].map((list, index) =>
        engines[index]!.accept(list.map((event) => arrival(event, 'a'))),
      ),
    );

    const accepted = results.flat().filter(({ status }) => status === 'accepted');
    expect(accepted).toHaveLength(MANY);
    await stopAll(engines);
  });

  it('wake each other: what one takes in, the other starts at once', async () => {
    const [storing, working] = await startTwo();
    const worker = new ManualWorker();
    await working!.consume(worker.run, { concurrency: 1 });
    // The worker has looked once, found nothing, and waits.
    await storing!.accept([arrival(webhookEvent(), 'a')]);
    (await worker.next()).finish(SUCCEEDED);

    const delaysMs: number[] = [];
    for (let count = 0; count < TWENTY; count++) {
      const startedAt = performance.now();
      await storing!.accept([arrival(webhookEvent(), 'a')]);
      const run = await worker.next();
      delaysMs.push(performance.now() - startedAt);
      run.finish(SUCCEEDED);
      await working!.attempted(run.event);
    }

    // It looks by itself every 500 ms only.
    expect(delaysMs.sort((left, right) => left - right)[TWENTY / 2]).toBeLessThan(100);
    await stopAll([storing!, working!]);
  });

  it('refuse the late result of a worker whose delivery another has taken', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    await engine.consume(worker.run, { concurrency: 1 });
    const event = webhookEvent();
    await engine.accept([arrival(event, 'a')]);
    const run = await worker.next();
    // What another process does when this one was silent for too long.
    await testPool().query(`UPDATE ${schema}.webhook_delivery SET claim = 7, attempts = 2`);

    run.finish(FAILED);
    await engine.stop();

    const { rows } = await testPool().query(`SELECT * FROM ${schema}.webhook_delivery`);
    expect(rows).toMatchObject([{ status: 'running', claim: 7, attempts: 2, error: null }]);
  });
});

describe('connections that are cut', () => {
  it('lose nothing and run nothing twice that had succeeded', async () => {
    const { pool, schema } = createTestSchema();
    const cut = new pg.Pool({ connectionString: POSTGRES_URL, max: 8, application_name: schema });
    cut.on('error', () => undefined);
    const engine = postgresEngine({ pool: cut, schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    await engine.consume(worker.run, { concurrency: 4 });
    const events = Array.from({ length: MANY }, () => webhookEvent());

    for (let index = 0; index < MANY; index += 20) {
      const accepting = events
        .slice(index, index + 20)
        .map((event) => acceptAsSender(engine, arrival(event, 'a')));
      await pool.query(CUT, [schema]);
      await Promise.all(accepting);
    }
    await Promise.all(events.map((event) => waitAsSender(engine, event)));

    const found = await Promise.all(events.map((event) => engine.find(event)));
    expect(found.map((event) => event?.deliveries[0]?.status)).toEqual(
      events.map(() => 'succeeded'),
    );
    expect(worker.runs).toHaveLength(MANY);
    await engine.stop();
    await cut.end();
  }, 60_000);
});

const CUT = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1';

/** A sender comes again until it is answered. */
async function acceptAsSender(engine: WebhookEngine, arrived: Arrival): Promise<void> {
  for (;;) {
    const isTaken = await engine.accept([arrived]).then(
      () => true,
      () => false,
    );
    if (isTaken) return;
  }
}

async function waitAsSender(engine: WebhookEngine, event: WebhookEvent): Promise<void> {
  for (;;) {
    const isDone = await engine.attempted(event).then(
      () => true,
      () => false,
    );
    if (isDone) return;
  }
}

describe('twenty engines that start at once', () => {
  it('all come up, on a schema that was not there', async () => {
    const options = createTestSchema();
    const engines = Array.from({ length: TWENTY }, () => postgresEngine(options));

    await Promise.all(engines.map((engine) => engine.start({ clock: systemClock })));

    const [acceptance] = await engines[TWENTY - 1]!.accept([arrival(webhookEvent(), 'a')]);
    expect(acceptance).toEqual({ status: 'accepted' });
    await stopAll(engines);
  }, 30_000);
});
