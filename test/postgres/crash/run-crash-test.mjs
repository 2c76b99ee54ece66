import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startServer } from '../server/start-server.mjs';
import { Receivers } from './processes.mjs';
import { Sender } from './sender.mjs';
import { judge, prepareRecords, waitUntilFinished } from './verdict.mjs';

const CONNECTIONS = 64;
const MAX_PAUSE_MS = 1500;
/** A lease, what finds it out, and time for a slow machine to run what is left. */
const FINISH_MS = 150_000;

/**
 * Two receiving processes under load on a server of their own. One is killed at random moments, connections
 * are cut, and the server crashes, until so many kills were made and so many events answered.
 */
export async function runCrashTest({ build, kills, events, seed }) {
  const server = await startServer();
  const schema = `crash_${randomBytes(4).toString('hex')}`;
  const environment = { POSTGRES_URL: server.url, WEBHOOK_INBOX_BUILD: build };
  const receivers = new Receivers(environment, schema);
  const pool = new pg.Pool({ connectionString: server.url, max: 2 });
  pool.on('error', () => undefined);
  const random = seededRandom(seed);
  const { signStripe } = await import(`${build}/testing/index.js`);
  const sender = new Sender({ signStripe, receivers, random, runId: schema });
  try {
    await receivers.start(1);
    await prepareRecords(pool, schema);
    await receivers.start(1);
    const startedAt = performance.now();
    const sending = sender.run(CONNECTIONS);
    const done = await makeTrouble({
      server,
      schema,
      pool,
      receivers,
      random,
      kills,
      events,
      sender,
    });
    sender.stop();
    await sending;
    const sentMs = Math.round(performance.now() - startedAt);
    const finishedMs = await waitUntilFinished(pool, schema, FINISH_MS);
    const verdict = await judge(pool, schema, sender.answered);
    return { seed, ...done, sentMs, finishedMs, ...verdict, crashes: receivers.failures };
  } finally {
    sender.stop();
    await receivers.stop();
    await pool.end();
    await server.stop();
  }
}

/** @returns How often what was done. */
async function makeTrouble({ server, schema, pool, receivers, random, kills, events, sender }) {
  const done = { kills: 0, cuts: 0, serverCrashes: 0 };
  while (done.kills < kills || sender.answered.size < Math.min(events, sender.allowed)) {
    sender.allowed = Math.ceil((events * (done.kills + 1)) / kills);
    await delay(random() * MAX_PAUSE_MS);
    const kind = done.kills % 4 === 2 && done.cuts <= done.kills / 4 ? 'cut' : 'kill';
    if (kind === 'cut') {
      await cutConnections(pool, schema);
      done.cuts += 1;
    } else {
      await receivers.killOne(random);
      done.kills += 1;
    }
    if (done.serverCrashes < Math.floor((done.kills + 2) / 5)) {
      await server.crashAndRestart();
      done.serverCrashes += 1;
    }
  }
  return done;
}

async function cutConnections(pool, schema) {
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`,
    [schema],
  );
}

/** Mulberry32. */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
