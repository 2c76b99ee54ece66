// How long an application takes to start with many handlers, and the package to load: `npm run bench:start`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfOutOfDate, root } from '../../scripts/build-if-out-of-date.mjs';
import { filesImportedBy } from '../../scripts/loaded-files.mjs';
import { installBench } from '../install.mjs';

buildIfOutOfDate();
installBench();
const { describeMachine, versionsIn } = await import('../machine.mjs');
const { format, median, printTable, spread } = await import('../statistics.mjs');

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    parts: { type: 'string', default: 'express,fastify,imports' },
  },
});
const rounds = Number(options.rounds);
const COUNTS = [0, 100, 1000];
const NAME = 'nestjs-webhook-inbox';
const ENTRIES = ['', '/stripe', '/standard-webhooks', '/stack-auth', '/postgres', '/testing'].map(
  (entry) => NAME + entry,
);
const OPTIONAL = ['stripe', 'pg', 'pg-boss', 'svix'];

console.log(describeMachine());
console.log(versionsIn('.', ['@nestjs/core', 'stripe']).join(', '));
for (const part of options.parts.split(',')) {
  if (part === 'imports') printImports();
  else printStarts(part);
}

/** The same classes and methods with and without decorators: the difference is what handlers add. */
function printStarts(adapter) {
  const variants = COUNTS.flatMap((count) => [
    { count, isDecorated: false },
    { count, isDecorated: true },
  ]);
  const samples = inTurns(variants, ({ count, isDecorated }) =>
    run('start-app.mjs', [adapter, String(count), String(isDecorated)]),
  );
  const rows = COUNTS.map((count, index) => {
    const [without, withHandlers] = [samples[2 * index], samples[2 * index + 1]];
    const cpuMs = withHandlers.map(({ start }) => start.cpuMs);
    const columns = [
      withHandlers.map(({ start }) => start.wallMs),
      cpuMs,
      cpuMs.map((value, round) => value - without[round].start.cpuMs),
      withHandlers.map(({ decorated }) => decorated.cpuMs),
    ];
    return [`${count} handlers`, ...columns.flatMap(describe)];
  });
  const columns = ['wall clock', 'processor', 'more than undecorated', 'running the decorators'];
  const title = `From NestFactory.create to listen, ${adapter}, in ms, ${rounds} rounds`;
  printTable(title, [adapter, ...columns.flatMap((column) => [column, 'from to'])], rows);
}

/** What an entry point takes beside Nest, which the application has loaded. */
function printImports() {
  const samples = inTurns(ENTRIES, (entry) => run('import-entry.mjs', [entry]));
  const rows = ENTRIES.map((entry, index) => {
    const files = filesImportedBy(entry, root);
    const own = files.filter((file) => file.includes('/dist/esm/'));
    const optional = OPTIONAL.filter((name) =>
      files.some((file) => file.includes(`/node_modules/${name}/`)),
    );
    const wallMs = samples[index].map((sample) => sample.wallMs);
    const cpuMs = samples[index].map((sample) => sample.cpuMs);
    const cells = [...describe(wallMs), ...describe(cpuMs), String(own.length)];
    return [entry, ...cells, optional.join(', ') || 'none'];
  });
  const columns = ['wall clock', 'from to', 'processor', 'from to', 'own files', 'of the optional'];
  const title = `Import, with Nest loaded before, in ms, ${rounds} rounds`;
  printTable(title, ['entry point', ...columns], rows);
}

function describe(values) {
  return [format(median(values)), spread(values)];
}

/** Each once a round, so that what else the machine does meets all of them. */
function inTurns(variants, measure) {
  const samples = variants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) samples[index].push(measure(variant));
  }
  return samples;
}

function run(file, args) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { ...process.env, NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', path, ...args], {
    encoding: 'utf8',
    env,
  });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed:\n${stderr}`);
  return JSON.parse(stdout);
}
