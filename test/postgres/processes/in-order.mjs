// A process that takes events into lanes that keep their order, and runs them: some attempts fail, and some
// deliveries die. It writes down when each attempt begins and ends. Arguments: schema, seed.
const [schema, seed] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { postgresEngine } = await import(`${build}/postgres/index.js`);
const { systemClock } = await import(`${build}/inbox/clock.js`);
const { default: pg } = await import('pg');

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 10 });
const engine = postgresEngine({ pool, schema });
await engine.start({ clock: systemClock });

let state = Number(seed);
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;

const write = (event, what) =>
  pool.query(`INSERT INTO ${schema}.run (lane, event_id, what) VALUES ($1, $2, $3)`, [
    event.headers.lane,
    event.id,
    what,
  ]);

async function run({ event }) {
  await write(event, 'begun');
  const chance = random();
  const error = { name: 'Error', message: 'by chance' };
  const outcome =
    chance < 0.3
      ? { status: 'failed', error, retryAt: new Date(Date.now() + random() * 30) }
      : { status: chance < 0.35 ? 'dead' : 'succeeded', ...(chance < 0.35 && { error }) };
  await write(event, 'ended');
  return outcome;
}

async function accept(id, lane) {
  const event = {
    source: 'test',
    id,
    type: 'test',
    endpoint: 'test',
    receivedAt: new Date(),
    arrivedBy: 'http',
    secretLabel: undefined,
    headers: { lane },
    rawBody: Buffer.from(id),
  };
  const delivery = { handler: 'a', lane, order: 'fifo', onDead: 'pass' };
  await engine.accept([{ event, deliveries: [delivery] }]);
}

process.stdin.on('data', (line) => void obey(String(line).trim()));

async function obey(command) {
  const [prefix, count, lanes] = command.split(' ');
  await engine.consume(run, { concurrency: 16 });
  await Promise.all(
    Array.from({ length: Number(count) }, (_, index) =>
      accept(`${prefix}_${index}`, `lane_${index % Number(lanes)}`),
    ),
  );
  process.stdout.write('accepted\n');
}

process.stdout.write('started\n');
