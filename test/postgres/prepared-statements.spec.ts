import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { InboxUnavailableError } from '../../src/errors/inbox-unavailable.error.js';
import { systemClock } from '../../src/inbox/clock.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import { arrival, webhookEvent } from '../contract/engine-bench.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

const MANY = 8;

describe('prepared statements', () => {
  it('keeps the statement that stores on its connection', async () => {
    const { schema } = createTestSchema();
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });

    const names = new Set<string>();
    pool.on('release', (_error, client) =>
      Object.keys(preparedOn(client)).forEach((name) => names.add(name)),
    );

    await engine.accept([arrival(webhookEvent(), 'a')]);

    expect([...names]).toEqual([expect.stringMatching(/^webhook_inbox_[0-9a-f]{32}$/)]);
    await engine.stop();
    await pool.end();
  });

  it('stores behind a pooler that gives connections without what was prepared on them', async () => {
    const { schema } = createTestSchema();
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
    // As PgBouncer does in transaction pooling before 1.21: the next one is another connection.
    pool.on('acquire', (client) => void client.query('DEALLOCATE ALL'));
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });
    const events = Array.from({ length: MANY }, () => webhookEvent());

    for (const event of events) {
      expect(await engine.accept([arrival(event, 'a')])).toEqual([{ status: 'accepted' }]);
    }

    const found = await Promise.all(events.map((event) => engine.find(event)));
    expect(found.map((event) => event?.deliveries.length)).toEqual(events.map(() => 1));
    await engine.stop();
    await pool.end();
  });

  it('stores behind a pooler that gives connections on which the same is prepared', async () => {
    const { schema } = createTestSchema();
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
    // What another process has prepared there; this one does not know of it.
    pool.on('release', (_error, client) => {
      for (const name of Object.keys(preparedOn(client))) delete preparedOn(client)[name];
    });
    const engine = postgresEngine({ pool, schema });
    await engine.start({ clock: systemClock });

    for (let count = 0; count < MANY; count++) {
      const accepted = await engine.accept([arrival(webhookEvent(), 'a')]);
      expect(accepted).toEqual([{ status: 'accepted' }]);
    }

    await engine.stop();
    await pool.end();
  });
});

describe('a table that is locked for long', () => {
  it('does not gather statements on the server that nobody waits for', async () => {
    const { schema } = createTestSchema();
    const pool = new pg.Pool({
      connectionString: POSTGRES_URL,
      max: 16,
      application_name: schema,
    });
    pool.on('error', () => undefined);
    const engine = postgresEngine({ pool, schema, acceptTimeoutMs: 200 });
    await engine.start({ clock: systemClock });
    const blocker = await testPool().connect();
    await blocker.query(`BEGIN; LOCK TABLE ${schema}.webhook_event`);

    for (let count = 0; count < 30; count++) {
      await expect(engine.accept([arrival(webhookEvent(), 'a')])).rejects.toThrow(
        InboxUnavailableError,
      );
    }

    const { rows } = await testPool().query(
      `SELECT count(*)::int FROM pg_stat_activity
       WHERE application_name = $1 AND wait_event_type = 'Lock'`,
      [schema],
    );
    expect(rows[0].count).toBeLessThanOrEqual(4);
    await blocker.query('ROLLBACK');
    blocker.release();
    await engine.stop();
    await pool.end();
  }, 30_000);
});

/** What the client takes to be prepared on its connection. */
function preparedOn(client: pg.PoolClient): Record<string, string> {
  const { connection } = client as unknown as { connection: { parsedStatements: object } };
  return connection.parsedStatements as Record<string, string>;
}
