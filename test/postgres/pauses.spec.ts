import { expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, statuses, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { hasWaiter } from './has-waiter.js';
import { createTestSchema, testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';

const MANY = 60;

it('A handler that one engine paused runs on none, until any of them resumes it', async () => {
  const { engines } = await startTwoEngines();
  const worker = new ManualWorker();
  worker.answer(() => SUCCEEDED);
  for (const engine of engines) await engine.consume(worker.run, { concurrency: 4 });
  const events = Array.from({ length: MANY }, () => webhookEvent());

  await engines[0].pause('a');
  await engines[1].accept(events.map((event) => arrival(event, 'a', 'b')));
  await Promise.all(events.map((event) => engines[1].attempted(event)));
  const whilePaused = worker.countByHandler();
  await engines[1].resume('a');
  await Promise.all(events.map((event) => engines[0].attempted(event)));

  expect(whilePaused).toEqual({ b: MANY });
  expect(worker.countByHandler()).toEqual({ a: MANY, b: MANY });
}, 20_000);

it('Nothing is left behind that is held back while its handler is resumed', async () => {
  const { engines } = await startTwoEngines();
  const worker = new ManualWorker();
  worker.answer(() => SUCCEEDED);
  for (const engine of engines) await engine.consume(worker.run, { concurrency: 4 });
  const events = Array.from({ length: MANY }, () => webhookEvent());

  const accepting = events.map(async (event, index) => {
    await engines[index % 2]!.accept([arrival(event, 'a')]);
    if (index % 3 === 0) await engines[0].pause('a');
    else await engines[1].resume('a');
  });
  await Promise.all(accepting);
  await engines[0].resume('a');
  await Promise.all(events.map((event) => engines[0].attempted(event)));

  const found = await Promise.all(events.map((event) => statuses(engines[0], event)));
  expect(found).toEqual(events.map(() => ({ a: 'succeeded' })));
  expect(worker.countByHandler()).toEqual({ a: MANY });
}, 30_000);

it('What begins while its handler is being resumed is run', async () => {
  const { engines, schema } = await startTwoEngines();
  const worker = new ManualWorker();
  await engines[0].pause('a');
  const resuming = await testPool().connect();
  await resuming.query(`BEGIN; DELETE FROM ${schema}.webhook_pause`);

  await engines[0].consume(worker.run, { concurrency: 1 });
  await engines[0].accept([arrival(webhookEvent(), 'a')]);
  await hasWaiter(schema);
  await resuming.query('COMMIT');
  resuming.release();

  const run = await worker.next();
  expect(run).toMatchObject({ handler: 'a', attempt: 1 });
  run.finish(SUCCEEDED);
});

it('A pause outlives the process that made it', async () => {
  const options = createTestSchema();
  const first = postgresEngine(options);
  await first.start({ clock: systemClock });
  await first.pause('a');
  await first.stop();
  const second = postgresEngine(options);
  await second.start({ clock: systemClock });

  const { paused } = await second.stats();

  expect(paused).toEqual(['a']);
  await second.stop();
});
