import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { InboxUnavailableError } from '../../src/errors/inbox-unavailable.error.js';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { systemClock } from '../../src/inbox/clock.js';
import type { WebhookEngine } from '../../src/inbox/webhook-engine.interface.js';
import { postgresEngine } from '../../src/postgres/postgres-engine.js';
import type { PostgresEngineOptions } from '../../src/postgres/postgres-engine.options.js';
import { arrival, FAILED, webhookEvent } from '../contract/engine-bench.js';
import { ManualWorker } from '../../src/testing/engine-contract/manual-worker.js';
import { createTestSchema, POSTGRES_URL, testPool } from './test-schema.js';

async function start(options: PostgresEngineOptions = createTestSchema()): Promise<WebhookEngine> {
  const engine = postgresEngine(options);
  await engine.start({ clock: systemClock });
  return engine;
}

describe('storing on PostgreSQL', () => {
  it.each([
    ['no bytes at all', []],
    ['every byte there is', Array.from({ length: 256 }, (_, byte) => byte)],
    ['a byte order mark and a NUL', [0xef, 0xbb, 0xbf, 0x00]],
    [
      'an escaped NUL and half a surrogate pair in JSON',
      [...Buffer.from('{"a":"\\u0000\\ud800"}')],
    ],
  ])('keeps %s as it came', async (_name, bytes) => {
    const engine = await start();
    const worker = new ManualWorker();
    await engine.consume(worker.run, { concurrency: 2 });
    const events = [bytes, [1], bytes].map((body) => webhookEvent({ rawBody: Buffer.from(body) }));

    await engine.accept(events.map((event) => arrival(event, 'a')));

    for (let count = 0; count < events.length; count++) {
      const run = await worker.next();
      const sent = events.find(({ id }) => id === run.event.id)!;
      expect(run.event.rawBody.equals(sent.rawBody)).toBe(true);
      run.finish({ status: 'succeeded' });
    }
    await engine.stop();
  });

  it('stores the neighbours of an event that cannot be stored', async () => {
    const engine = await start();
    const good = Array.from({ length: 9 }, () => webhookEvent());
    const bad = webhookEvent({ type: 'a NUL \0 is no text' });
    const all = [...good.slice(0, 4), bad, ...good.slice(4)];

    const results = await Promise.allSettled(
      all.map((event) => engine.accept([arrival(event, 'a')])),
    );

    expect(results.map(({ status }) => status)).toEqual(
      all.map((event) => (event === bad ? 'rejected' : 'fulfilled')),
    );
    expect(results[4]).toMatchObject({ reason: expect.any(InboxUnavailableError) });
    const found = await Promise.all(good.map((event) => engine.find(event)));
    expect(found.map((event) => event?.deliveries.length)).toEqual(good.map(() => 1));
    expect(await engine.find({ source: bad.source, id: bad.id })).toBeUndefined();
    await engine.stop();
  });

  it('keeps an error and a reason whatever is in them', async () => {
    const engine = await start();
    const worker = new ManualWorker();
    await engine.consume(worker.run, { concurrency: 2 });
    const event = webhookEvent();
    const error = { name: 'Error', message: 'NUL \0 and half a pair \ud800' };
    await engine.accept([arrival(event, 'fails', 'skips')]);

    for (const run of [await worker.next(), await worker.next()]) {
      run.finish(
        run.handler === 'fails' ? { ...FAILED, error } : { status: 'skipped', reason: 'NUL \0' },
      );
    }

    expect((await engine.attempted(event))?.deliveries).toMatchObject([
      { status: 'failed', error },
      { status: 'skipped', reason: 'NUL \uFFFD' },
    ]);
    await engine.stop();
  });

  it('stores a body once that comes by two endpoints, and another body beside it', async () => {
    const { pool, schema } = createTestSchema();
    const engine = await start({ pool, schema });
    const event = webhookEvent({ endpoint: 'first' });
    const same = { ...event, endpoint: 'second' };
    const other = { ...event, endpoint: 'third', rawBody: Buffer.from('{"other":true}') };

    await engine.accept([arrival(event, 'a'), arrival(same, 'b')]);
    await engine.accept([arrival(other, 'c')]);

    const { rows } = await testPool().query(
      `SELECT endpoint, raw_body FROM ${schema}.webhook_arrival ORDER BY endpoint`,
    );
    expect(rows).toEqual([
      { endpoint: 'second', raw_body: null },
      { endpoint: 'third', raw_body: other.rawBody },
    ]);
    await engine.stop();
  });
});

describe('a database that does not answer', () => {
  it('is answered with InboxUnavailableError in time, and stores again when it is back', async () => {
    const { pool, schema } = createTestSchema();
    const engine = await start({ pool, schema, acceptTimeoutMs: 300 });
    const blocker = await testPool().connect();
    await blocker.query(`BEGIN; LOCK TABLE ${schema}.webhook_event`);

    const refused = engine.accept([arrival(webhookEvent(), 'a')]);

    await expect(refused).rejects.toThrow(InboxUnavailableError);
    await blocker.query('ROLLBACK');
    blocker.release();
    expect(await engine.accept([arrival(webhookEvent(), 'a')])).toEqual([{ status: 'accepted' }]);
    await engine.stop();
  });

  it('takes a bounded number of events to wait', async () => {
    const { pool, schema } = createTestSchema();
    const engine = await start({ pool, schema, acceptTimeoutMs: 20_000 });
    const blocker = await testPool().connect();
    await blocker.query(`BEGIN; LOCK TABLE ${schema}.webhook_event`);
    const body = Buffer.alloc(16 * 1024 * 1024);

    const waiting = Array.from({ length: 6 }, () =>
      engine.accept([arrival(webhookEvent({ rawBody: body }), 'a')]).catch((error) => error),
    );

    const [fifth, sixth] = await Promise.all(waiting.slice(4));
    expect([fifth, sixth].map(({ message }) => message)).toEqual([
      'Too many events wait to be stored.',
      'Too many events wait to be stored.',
    ]);
    await blocker.query('ROLLBACK');
    blocker.release();
    const stored = await Promise.all(waiting.slice(0, 4));
    expect(stored).toEqual(Array.from({ length: 4 }, () => [{ status: 'accepted' }]));
    await engine.stop();
  }, 20_000);

  it('refuses to start where there is no server', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    const engine = postgresEngine({ connectionString: `postgres://u:p@127.0.0.1:${port}/none` });

    await expect(engine.start({ clock: systemClock })).rejects.toThrow('ECONNREFUSED');
    await engine.stop();
  });

  it('uses a pool of its own for a connection string, and ends it', async () => {
    const { schema } = createTestSchema();
    const connectionString = `${POSTGRES_URL}?application_name=${schema}`;
    const count = 'SELECT count(*)::int FROM pg_stat_activity WHERE application_name = $1';
    const engine = await start({ connectionString, schema });
    await engine.accept([arrival(webhookEvent(), 'a')]);
    const connections = async (): Promise<number> =>
      (await testPool().query(count, [schema])).rows[0].count;
    expect(await connections()).toBeGreaterThan(0);

    await engine.stop();

    // The server notices a moment later.
    while ((await connections()) > 0);
  });
});

describe('the options of postgresEngine', () => {
  it.each<[string, object]>([
    ['give one of', {}],
    ['give one of', { connectionString: 'postgres://', pool: { connect: () => undefined } }],
    ['give one of', { embedded: './data', connectionString: 'postgres://' }],
    ['connectionString is empty', { connectionString: '' }],
    ['embedded must be', { embedded: '' }],
    ['schema must be', { embedded: './data', schema: 'Robert"; DROP' }],
    ['at least 4 connections', { connectionString: 'postgres://', maxConnections: 2 }],
    ['acceptTimeoutMs', { embedded: './data', acceptTimeoutMs: 0 }],
  ])('are refused: %s', (message, options) => {
    const create = (): unknown => postgresEngine(options as PostgresEngineOptions);

    expect(create).toThrow(WebhookConfigurationError);
    expect(create).toThrow(message);
  });
});
