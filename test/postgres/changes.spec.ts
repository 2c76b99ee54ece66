import { expect, it } from '@jest/globals';
import type { Arrival } from '../../src/inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';
import { DEAD, statuses, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { testPool } from './test-schema.js';
import { startTwoEngines } from './two-engines.js';

const MANY = 100;

function announced(event: WebhookEvent, id: string, format: string): Arrival {
  return { event, deliveries: [{ handler: 'a', change: { id, format } }] };
}

it('A change whose formats two engines store at once is run once', async () => {
  const { engines } = await startTwoEngines();
  const worker = new ManualWorker();
  worker.answer(() => SUCCEEDED);
  for (const engine of engines) await engine.consume(worker.run, { concurrency: 8 });
  const pairs = Array.from({ length: MANY }, () => [webhookEvent(), webhookEvent()] as const);

  // In other orders, which would deadlock if they were stored in them.
  await Promise.all([
    engines[0].accept(pairs.map(([first]) => announced(first, first.id, 'snapshot'))),
    engines[1].accept(
      pairs.toReversed().map(([first, second]) => announced(second, first.id, 'notification')),
    ),
  ]);
  await Promise.all(pairs.flat().map((event) => engines[0].attempted(event)));

  const found = await Promise.all(
    pairs.map((pair) => Promise.all(pair.map((event) => statuses(engines[0], event)))),
  );
  expect(found.map((both) => new Set(both.map(({ a }) => a)))).toEqual(
    pairs.map(() => new Set(['skipped', 'succeeded'])),
  );
  expect(worker.runs).toHaveLength(MANY);
}, 20_000);

it('A change that is given up while another engine stores its other format is run by that', async () => {
  const { engines } = await startTwoEngines();
  const worker = new ManualWorker();
  const pairs = Array.from({ length: MANY }, () => [webhookEvent(), webhookEvent()] as const);
  const firstIds = new Set(pairs.map(([{ id }]) => id));
  worker.answer(({ event }) => (firstIds.has(event.id) ? DEAD : SUCCEEDED));
  await engines[0].accept(pairs.map(([first]) => announced(first, first.id, 'snapshot')));

  await engines[0].consume(worker.run, { concurrency: 16 });
  await Promise.all(
    pairs.map(([first, second]) =>
      engines[1].accept([announced(second, first.id, 'notification')]),
    ),
  );
  await Promise.all(pairs.map(([first]) => engines[0].attempted(first)));
  await Promise.all(pairs.map(([, second]) => engines[0].attempted(second)));

  const found = await Promise.all(pairs.map(([, second]) => statuses(engines[0], second)));
  expect(found).toEqual(pairs.map(() => ({ a: 'succeeded' })));
}, 20_000);

it('A change is forgotten with its event', async () => {
  const { engines, schema } = await startTwoEngines();
  const event = webhookEvent();
  const worker = new ManualWorker();
  worker.answer(() => SUCCEEDED);
  await engines[0].consume(worker.run, { concurrency: 1 });
  await engines[0].accept([announced(event, event.id, 'snapshot')]);
  await engines[0].attempted(event);

  const later = new Date(event.receivedAt.getTime() + 1);
  await engines[0].prune({ bodies: later, events: later });

  const { rows } = await testPool().query(`SELECT * FROM ${schema}.webhook_change`);
  expect(rows).toEqual([]);
});
