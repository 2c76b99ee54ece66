// `npm run bench:inbox`: what storing and running cost, each contender in a process of its own, in turns.
// Options: --rounds 5, --events 6000 (a round), --parts http,deliveries,idle,stored,waiting,memory.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startServer } from '../../test/postgres/server/start-server.mjs';
import { printTable } from './print-table.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '6000' },
    stored: { type: 'string', default: '10000' },
    parts: { type: 'string', default: 'http,deliveries,idle,stored,waiting' },
  },
});
const ROUNDS = Number(options.rounds);
const EVENTS = Number(options.events);
const CONNECTIONS = 64;
const HTTP = ['nothing', 'bare insert', 'memory', 'embedded', 'postgres', 'postgres and worker'];
const DELIVERIES = ['this package', 'pg-boss, batched work', 'pg-boss, work of one job'];

const PARTS = { http, deliveries, idle, stored, waiting, memory };
const children = new Set();
const directory = await mkdtemp(join(tmpdir(), 'webhook-inbox-bench-'));
const server = await startServer();
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
let lastSchema = 0;
try {
  console.log(`${cpus().length} cores of ${cpus()[0].model}, ${arch()}, Node ${process.version}`);
  for (const part of options.parts.split(',')) {
    console.log(`\nLoad before: ${loadavg()[0].toFixed(1)}`);
    await PARTS[part]();
  }
} finally {
  for (const child of children) child.kill();
  await pool.end();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Events stored and answered, by every engine and by what they are compared with. */
async function http() {
  const samples = await inTurns(HTTP, async (contender) => {
    const app = await startApp(contender);
    await app.load(EVENTS / 4);
    const { perSecond } = await app.load(EVENTS);
    await app.stop();
    return perSecond;
  });
  printTable('Events a second over HTTP, 64 connections', samples, ['bare insert', 'nothing']);
}

async function deliveries() {
  const samples = await inTurns(DELIVERIES, async (contender) => {
    const { perSecond } = await runChild('deliveries.mjs', [
      contender,
      server.url,
      schema(),
      EVENTS,
    ]);
    return perSecond;
  });
  printTable('Deliveries that do nothing, a second', samples, ['pg-boss, batched work']);
}

async function idle() {
  const samples = await inTurns(['in one process', 'in another process'], async (where) => {
    const args = [server.url, schema(), 100, where === 'in one process' ? 'same' : 'other'];
    const { p50Ms, p99Ms, arrivalP50Ms } = await runChild('idle.mjs', args);
    console.log(
      `  ${where}: p99 ${p99Ms.toFixed(1)} ms; p50 from arrival ${arrivalP50Ms.toFixed(1)}`,
    );
    return p50Ms;
  });
  printTable('From answer to handler start when idle, p50 in ms', samples, []);
}

/** The same with many finished events in the tables. */
async function stored() {
  const counts = ['0', ...options.stored.split(',')];
  const apps = new Map();
  for (const count of counts) {
    const app = await startApp('postgres and worker');
    await fill(app.place, Number(count));
    await app.load(EVENTS / 4);
    apps.set(count, app);
  }
  const samples = await inTurns(
    counts,
    async (count) => (await apps.get(count).load(EVENTS)).perSecond,
  );
  printTable('Events a second with so many finished', samples, ['0']);
  for (const app of apps.values()) await app.stop();
}

/** Nothing is run: what is stored waits. */
async function waiting() {
  const counts = ['0', '20000'];
  const apps = new Map();
  for (const count of counts) {
    const app = await startApp('postgres');
    if (count !== '0') await app.load(Number(count));
    await app.load(EVENTS / 8);
    apps.set(count, app);
  }
  const perSecond = await inTurns(
    counts,
    async (count) => (await apps.get(count).load(EVENTS / 8)).perSecond,
  );
  printTable('Events a second with so many waiting', perSecond, ['0']);
  const listMs = await inTurns(counts, async (count) => (await apps.get(count).ask('list')).listMs);
  printTable('Two lists of 100 events with so many waiting, in ms', listMs, ['0']);
  for (const app of apps.values()) await app.stop();
}

/** Resident memory over 200,000 events. */
async function memory() {
  const app = await startApp('postgres and worker');
  const samples = [];
  for (let sent = 0; sent <= 200_000; sent += 20_000) {
    await app.load(20_000);
    samples.push(Math.round((await app.ask('memory')).rssMegabytes));
  }
  console.log(`Resident memory after each 20,000 events, in MB: ${samples.join(', ')}`);
  await app.stop();
}

/** Every contender once a round, so that what else the machine does meets all of them. */
async function inTurns(contenders, measure) {
  const samples = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) samples.get(contender).push(await measure(contender));
  }
  return samples;
}

async function startApp(contender) {
  const place = contender === 'embedded' ? join(directory, schema()) : schema();
  const app = start('server.mjs', [contender, server.url, place]);
  const [{ port }] = await once(app, 'message');
  const sender = start('load.mjs', []);
  let batch = 0;
  const ask = async (child, question) => {
    child.send(question);
    return (await once(child, 'message'))[0];
  };
  return {
    place,
    ask: (question) => ask(app, question),
    load: (events) =>
      ask(sender, { port, events, connections: CONNECTIONS, prefix: `evt_${batch++}` }),
    stop: async () => {
      await Promise.all([stop(app), stop(sender)]);
      if (contender !== 'embedded') await dropSchema(place);
    },
  };
}

async function runChild(file, args) {
  const child = start(file, args);
  const exited = once(child, 'exit');
  const [message] = await once(child, 'message');
  await exited;
  children.delete(child);
  return message;
}

function start(file, args) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(path, args.map(String), { env: { ...process.env, NODE_ENV: 'test' } });
  children.add(child);
  return child;
}

async function stop(child) {
  const exited = once(child, 'exit');
  child.kill();
  await exited;
  children.delete(child);
}

function schema() {
  lastSchema += 1;
  return `bench_${lastSchema}`;
}

async function dropSchema(name) {
  await pool.query(
    `DROP SCHEMA IF EXISTS ${name} CASCADE; DROP SCHEMA IF EXISTS ${name}_jobs CASCADE`,
  );
}

/** Finished events, as rows that the engine could have written. */
async function fill(place, count) {
  await pool.query(
    `INSERT INTO ${place}.webhook_event (source, event_id, type, endpoint, received_at, arrived_by, headers, raw_body)
     SELECT 'stripe', 'evt_old_' || number, 'invoice.paid', 'stripe', now(), 'http', '{}',
            convert_to(repeat(md5(number::text), 60), 'UTF8')
     FROM generate_series(1, $1) AS number`,
    [count],
  );
  await pool.query(
    `INSERT INTO ${place}.webhook_delivery (event_id, handler, position, endpoint, job_id, status, attempts, finished_at)
     SELECT id, 'handler', 0, 'stripe', gen_random_uuid(), 'succeeded', 1, now() FROM ${place}.webhook_event`,
  );
}
