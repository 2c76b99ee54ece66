// `npm run bench:inbox`: what storing and running cost, each contender in a process of its own, in turns.
// Options: --rounds 5; --events 6000, in each measurement; --parts with any of those below; --stored 10000,
// how many finished events; --long for the parts that take long: 1,000,000 finished events, and memory.
// With REDIS_URL, BullMQ is installed and measured too.
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { buildIfOutOfDate } from '../../scripts/build-if-out-of-date.mjs';
import { startServer } from '../../test/postgres/server/start-server.mjs';
import { installBench } from '../install.mjs';
import { empty, fill } from './fill.mjs';
import { installBullMq } from './install-bullmq.mjs';
import { printTable } from './print-table.mjs';
import { killAll, runChild, startApp } from './processes.mjs';

buildIfOutOfDate();
installBench();

const PARTS = { http, deliveries, backlog, idle, waiting, stored, memory };
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '6000' },
    stored: { type: 'string' },
    parts: { type: 'string' },
    long: { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(options.rounds);
const EVENTS = Number(options.events);
const WAITING = 20_000;
/** Until V8 has compiled what stores: with 3,000, some are measured at half of their pace. */
const WARM_UP = 8000;
const CONNECTIONS = 64;
const FINISHED = (options.stored ?? (options.long ? '10000,1000000' : '10000')).split(',');
const QUICK = Object.keys(PARTS).filter((part) => part !== 'memory');
const CHOSEN = options.parts?.split(',') ?? (options.long ? Object.keys(PARTS) : QUICK);
const REDIS = process.env.REDIS_URL ? ['BullMQ'] : [];

const directory = await mkdtemp(join(tmpdir(), 'webhook-inbox-bench-'));
const server = await startServer();
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
// The server may say that it stops to connections that are ending.
pool.on('error', () => undefined);
let lastSchema = 0;
try {
  if (REDIS.length > 0) installBullMq();
  else console.log('BullMQ is left out: REDIS_URL is not set.');
  const { rows } = await pool.query('SHOW server_version');
  const versions = `Node ${process.version}, PostgreSQL ${rows[0].server_version}`;
  console.log(`${cpus().length} cores of ${cpus()[0].model}, ${arch()}, ${versions}`);
  for (const part of CHOSEN) {
    console.log(`\nLoad before: ${loadavg()[0].toFixed(1)}`);
    await PARTS[part]();
  }
} finally {
  killAll();
  await pool.end();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Events stored and answered, by every engine and by what they are compared with. */
async function http() {
  const engines = ['memory', 'embedded', 'postgres', 'postgres and worker'];
  const contenders = ['nothing', 'bare insert', ...engines, ...REDIS];
  const samples = await inTurns(contenders, async (contender) => {
    const app = await open(contender);
    await app.load(WARM_UP);
    const { perSecond } = await app.load(EVENTS);
    await close(app);
    return perSecond;
  });
  printTable('Events a second over HTTP, 64 connections', samples, ['bare insert', 'nothing']);
}

async function deliveries() {
  const ofBoss = ['pg-boss, batched work', 'pg-boss, work of one job'];
  const contenders = ['this package', ...ofBoss, ...REDIS];
  // One job at a time, it would take a minute for all of them.
  const countOf = (contender) => (contender === ofBoss[1] ? EVENTS / 10 : EVENTS);
  const samples = await inTurns(contenders, (contender) =>
    runDeliveries(contender, countOf(contender)),
  );
  printTable('Deliveries that do nothing, a second, 64 at once', samples, [ofBoss[0]]);
}

/** Nobody has told the planner of it. */
async function backlog() {
  const counts = [String(WAITING / 10), String(WAITING)];
  const samples = await inTurns(counts, (count) =>
    runDeliveries('this package', Number(count), 16),
  );
  printTable('Deliveries a second with such a backlog, 16 at once', samples, [counts[0]]);
}

async function idle() {
  const tails = new Map();
  const samples = await inTurns(['in one process', 'in another process'], async (where) => {
    const args = [server.url, schema(), 100, where === 'in one process' ? 'same' : 'other'];
    const { p50Ms, p99Ms } = await runChild('idle.mjs', args);
    tails.set(where, [...(tails.get(where) ?? []), p99Ms]);
    return p50Ms;
  });
  printTable('From answer to handler start when idle, p50 in ms', samples, []);
  printTable('The same, p99 in ms', tails, []);
}

/** Nothing is run: what is stored waits. Where nothing is to wait, the same was stored, and is gone. */
async function waiting() {
  const results = { perSecond: new Map(), listMs: new Map(), pendingMs: new Map() };
  await inTurns(['0', String(WAITING)], async (count) => {
    const app = await open('postgres');
    await app.load(WAITING);
    if (count === '0') await empty(pool, app.place);
    await app.ask('list');
    const { listMs, pendingMs } = await app.ask('list');
    add(results.listMs, count, listMs);
    add(results.pendingMs, count, pendingMs);
    add(results.perSecond, count, (await app.load(EVENTS / 2)).perSecond);
    await close(app);
  });
  printTable('Events a second with so many more waiting', results.perSecond, ['0']);
  printTable('A list of 100 events with so many waiting, in ms', results.listMs, ['0']);
  printTable('The same of pending ones', results.pendingMs, ['0']);
}

/** The same with many finished events in the tables. */
async function stored() {
  const counts = ['0', ...FINISHED];
  const apps = new Map();
  for (const count of counts) {
    const app = await open('postgres and worker');
    await fill(pool, app.place, Number(count));
    await app.load(WARM_UP);
    apps.set(count, app);
  }
  const samples = await inTurns(counts, async (count) => {
    const { perSecond } = await apps.get(count).load(EVENTS);
    await apps.get(count).ask('settled');
    return perSecond;
  });
  printTable('Events a second with so many finished, stored and run', samples, ['0']);
  for (const app of apps.values()) await close(app);
}

/** Resident memory over 200,000 events. */
async function memory() {
  const app = await open('postgres and worker');
  const samples = [];
  for (let sent = 0; sent < 200_000; sent += 20_000) {
    await app.load(20_000);
    await app.ask('settled');
    samples.push(Math.round((await app.ask('memory')).rssMegabytes));
  }
  console.log(`\nResident memory after each 20,000 events, in MB: ${samples.join(', ')}`);
  await close(app);
}

/** Every contender once a round, so that what else the machine does meets all of them. */
async function inTurns(contenders, measure) {
  const samples = new Map(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) add(samples, contender, await measure(contender));
  }
  return samples;
}

function add(samples, contender, value) {
  samples.set(contender, [...(samples.get(contender) ?? []), value]);
}

async function runDeliveries(contender, count, slots = 64) {
  const place = schema();
  const args = [contender, server.url, place, count, slots];
  const { perSecond } = await runChild('deliveries.mjs', args);
  await dropSchema(place);
  return perSecond;
}

function open(contender) {
  const place = contender === 'embedded' ? join(directory, schema()) : schema();
  return startApp(contender, server.url, place, CONNECTIONS);
}

async function close(app) {
  await app.stop();
  if (!app.place.includes('/')) await dropSchema(app.place);
}

function schema() {
  lastSchema += 1;
  return `bench_${lastSchema}`;
}

async function dropSchema(name) {
  const drop = `DROP SCHEMA IF EXISTS ${name} CASCADE; DROP SCHEMA IF EXISTS ${name}_jobs CASCADE`;
  await pool.query(drop);
}
