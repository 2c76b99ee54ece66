// Stores jobs or deliveries that do nothing, and then takes the time in which all are run. Arguments: which
// contender, the server, a schema of its own, how many, how many at once. Says { perSecond } over IPC.
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { loadBullMq } from './install-bullmq.mjs';
import { postgresEngine } from 'nestjs-webhook-inbox/postgres';
import { createEvent } from './create-event.mjs';

const [contender, connectionString, schema, countText, slotsText] = process.argv.slice(2);
const count = Number(countText);
const SLOTS = Number(slotsText);
const QUEUE = 'bench';

const CONTENDERS = {
  /** With its row in the ledger, whose status it changes twice. */
  'this package': async () => {
    const engine = postgresEngine({ pool: new pg.Pool({ connectionString, max: 16 }), schema });
    await engine.start({ clock: { now: Date.now, setTimer: () => () => undefined } });
    const arrivals = Array.from({ length: count }, (_, index) => ({
      event: createEvent(index),
      deliveries: [{ handler: 'a' }],
    }));
    for (let first = 0; first < count; first += 10_000) {
      await engine.accept(arrivals.slice(first, first + 10_000));
    }
    return (onRun) =>
      engine.consume(
        async () => {
          onRun();
          return { status: 'succeeded' };
        },
        { concurrency: SLOTS },
      );
  },
  'pg-boss, batched work': async () => {
    const boss = await bossWithJobs();
    return (onRun) =>
      boss.work(
        QUEUE,
        {
          batchSize: 16,
          localConcurrency: 4,
          pollingIntervalSeconds: 0.5,
          burstWhenBatchFull: true,
        },
        async (jobs) => jobs.forEach(onRun),
      );
  },
  'pg-boss, work of one job': async () => {
    const boss = await bossWithJobs();
    return (onRun) =>
      boss.work(
        QUEUE,
        {
          batchSize: 1,
          localConcurrency: SLOTS,
          pollingIntervalSeconds: 0.5,
          burstWhenBatchFull: true,
        },
        async (jobs) => jobs.forEach(onRun),
      );
  },
  BullMQ: async () => {
    const { Queue, Worker, connection } = loadBullMq();
    const queue = new Queue(schema, { connection });
    const jobs = Array.from({ length: count }, () => ({ name: 'a', data: { id: 'evt_1' } }));
    await queue.addBulk(jobs);
    return async (onRun) => {
      new Worker(schema, async () => onRun(), { connection, concurrency: SLOTS });
    };
  },
};

const run = await CONTENDERS[contender]();
let done = 0;
const startedAtMs = performance.now();
await new Promise((resolve) => {
  void run(() => {
    done += 1;
    if (done === count) resolve();
  });
});
process.send({ perSecond: count / ((performance.now() - startedAtMs) / 1000) });
process.disconnect();
process.exit(0);

async function bossWithJobs() {
  const boss = new PgBoss({ connectionString, schema, max: 16, schedule: false });
  boss.on('error', console.error);
  await boss.start();
  await boss.createQueue(QUEUE);
  const jobs = Array.from({ length: 1000 }, () => ({ data: { id: 'evt_1' } }));
  for (let inserted = 0; inserted < count; inserted += jobs.length) await boss.insert(QUEUE, jobs);
  return boss;
}
