// A process with an engine whose handlers never return. Arguments: schema, or the path of a directory;
// how many run at once. It says on stdout what it starts.
const [where, concurrency] = process.argv.slice(2);
const build = process.env.WEBHOOK_INBOX_BUILD;
const { postgresEngine } = await import(`${build}/postgres/index.js`);
const { systemClock } = await import(`${build}/inbox/clock.js`);

const engine = where.includes('/')
  ? postgresEngine({ embedded: where })
  : postgresEngine({ connectionString: process.env.POSTGRES_URL, schema: where });
const say = (...words) => process.stdout.write(`${words.join(' ')}\n`);
const log = { info: (message) => say('info', message), error: (message) => say('error', message) };

try {
  await engine.start({ clock: systemClock, log });
  say('started');
} catch (error) {
  say('refused', error.message);
  process.exit(0);
}

process.stdin.on('data', (line) => void obey(String(line).trim()));

async function obey(command) {
  const [verb, id] = command.split(' ');
  if (verb === 'stop') {
    await engine.stop();
    say('stopped');
    process.exit(0);
  }
  if (verb === 'accept') {
    const event = {
      source: 'test',
      id,
      type: 'test',
      endpoint: 'test',
      receivedAt: new Date(),
      arrivedBy: 'http',
      secretLabel: undefined,
      headers: {},
      rawBody: Buffer.from(id),
    };
    await engine.accept([{ event, deliveries: [{ handler: 'a' }] }]);
    say('accepted', id);
  }
  if (verb === 'consume') {
    const run = ({ event, attempt }) => {
      say('running', event.id, attempt);
      return new Promise(() => {});
    };
    await engine.consume(run, { concurrency: Number(concurrency ?? 16) });
  }
}
