import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, testPool } from './test-schema.js';

const EVERYTHING = new Date(8.64e15);
const NOTHING = new Date(0);

describe('a body that is gone', () => {
  it('makes its delivery dead, and holds up no other that is taken with it', async () => {
    const { pool, schema } = createTestSchema();
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    const [bodiless, whole] = [webhookEvent(), webhookEvent()];
    await engine.accept([arrival(bodiless, 'a'), arrival(whole, 'a')]);
    await testPool().query(
      `UPDATE ${schema}.webhook_event SET raw_body = NULL WHERE event_id = $1`,
      [bodiless.id],
    );

    await engine.consume(worker.run, { concurrency: 2 });

    expect((await engine.attempted(bodiless))?.deliveries).toMatchObject([
      { status: 'dead', error: { message: expect.stringContaining('not in the database') } },
    ]);
    expect((await engine.attempted(whole))?.deliveries).toMatchObject([{ status: 'succeeded' }]);
    await engine.stop();
  });

  it('is forgotten again when an event that came again has finished anew', async () => {
    const engine = postgresEngine(createTestSchema());
    await engine.start({ clock: systemClock });
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    await engine.consume(worker.run, { concurrency: 2 });
    const event = webhookEvent();
    await engine.accept([arrival(event)]);
    await engine.prune({ bodies: EVERYTHING, events: NOTHING });
    await engine.accept([arrival(event, 'new')]);
    await engine.attempted(event);

    expect(await engine.prune({ bodies: EVERYTHING, events: NOTHING })).toMatchObject({
      bodies: 1,
    });

    expect(await engine.load(event)).toBeUndefined();
    await engine.stop();
  });
});
