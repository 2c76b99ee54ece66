// Stores one event at a time while nothing else happens, and takes the time until its handler starts.
// Arguments: the server, a schema of its own, how many. Says { p50Ms, p99Ms } over IPC: from when it is
// stored, which is when it is answered, and from when it came.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { postgresEngine } from 'nestjs-webhook-inbox/postgres';
import { createEvent } from './create-event.mjs';

const [connectionString, schema, countText] = process.argv.slice(2);
const clock = { now: Date.now, setTimer: () => () => undefined };
const start = async () => {
  const engine = postgresEngine({ pool: new pg.Pool({ connectionString, max: 16 }), schema });
  await engine.start({ clock });
  return engine;
};

/** One process stores, and runs what it stored; and another one runs what this one stores. */
const storing = await start();
const working = process.argv[5] === 'other' ? await start() : storing;
let onStart;
await working.consume(
  async () => {
    onStart(performance.now());
    return { status: 'succeeded' };
  },
  { concurrency: 16 },
);

const fromAnswer = [];
const fromArrival = [];
for (let index = 0; index < Number(countText); index++) {
  await delay(20);
  const startedAt = new Promise((resolve) => (onStart = resolve));
  const arrivedAtMs = performance.now();
  await storing.accept([{ event: createEvent(index), deliveries: [{ handler: 'a' }] }]);
  const answeredAtMs = performance.now();
  const startedAtMs = await startedAt;
  fromAnswer.push(startedAtMs - answeredAtMs);
  fromArrival.push(startedAtMs - arrivedAtMs);
}
const percentile = (values, part) =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length * part)];
process.send({
  p50Ms: percentile(fromAnswer, 0.5),
  p99Ms: percentile(fromAnswer, 0.99),
  arrivalP50Ms: percentile(fromArrival, 0.5),
});
process.disconnect();
process.exit(0);
