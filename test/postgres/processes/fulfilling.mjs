// A process whose handler writes a row in the transaction of its delivery. Argument: schema. It says on
// stdout what it begins.
const [schema] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { postgresEngine } = await import(`${build}/postgres/index.js`);
const { systemClock } = await import(`${build}/inbox/clock.js`);

const engine = postgresEngine({ connectionString: process.env.POSTGRES_URL, schema });
await engine.start({ clock: systemClock });

async function run({ event, transact }) {
  process.stdout.write(`begun ${event.id}\n`);
  try {
    await transact(async (client) => {
      await client.query(`INSERT INTO ${schema}.fulfilment VALUES ($1)`, [event.id]);
      await client.query('SELECT pg_sleep(random() * 0.01)');
    });
    return { status: 'succeeded' };
  } catch (error) {
    const { name, message } = error;
    return { status: 'failed', error: { name, message }, retryAt: new Date() };
  }
}

await engine.consume(run, { concurrency: 4 });
