import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, SUCCEEDED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

const roles: string[] = [];

afterEach(async () => {
  for (const role of roles.splice(0)) {
    await testPool().query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  }
});

describe('a role that may make no schemas', () => {
  it('starts with those that it was given', async () => {
    const { schema } = createTestSchema();
    const role = `role_of_${schema}`;
    await testPool().query(`
      CREATE ROLE ${role} LOGIN PASSWORD 'password';
      CREATE SCHEMA ${schema} AUTHORIZATION ${role};
      CREATE SCHEMA ${schema}_jobs AUTHORIZATION ${role}`);
    roles.push(role);
    const url = new URL(POSTGRES_URL);
    url.username = role;
    url.password = 'password';
    const engine = postgresEngine({ connectionString: url.href, schema });
    const worker = new ManualWorker();
    worker.answer(() => SUCCEEDED);
    const event = webhookEvent();

    await engine.start({ clock: systemClock });
    await engine.consume(worker.run, { concurrency: 1 });
    await engine.accept([arrival(event, 'a')]);

    expect((await engine.attempted(event))?.deliveries).toMatchObject([{ status: 'succeeded' }]);
    await engine.stop();
  });
});
