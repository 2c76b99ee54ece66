// What the decorators cost the compiler: `npm run bench:types`, or `-- --typescript 5` for one of the two.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfOutOfDate, root } from '../../scripts/build-if-out-of-date.mjs';
import { installBench } from '../install.mjs';

buildIfOutOfDate();
installBench();
const { describeMachine, versionsIn } = await import('../machine.mjs');
const { format, median, printTable, spread } = await import('../statistics.mjs');
const { createSources } = await import('./create-sources.mjs');

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, typescript: { type: 'string' } },
});
const rounds = Number(options.rounds);
const COUNTS = [0, 100, 300];
/** Where each compiler is installed: the one that most applications have, and the newest. */
const COMPILERS = [join(root, 'bench/'), root];

console.log(describeMachine());
console.log(versionsIn('.', ['stripe', '@nestjs/common']).join(', '));
for (const folder of COMPILERS) printCompiler(folder);

function printCompiler(folder) {
  const require = createRequire(join(folder, 'package.json'));
  const { version, bin } = require('typescript/package.json');
  if (options.typescript && !version.startsWith(`${options.typescript}.`)) return;
  const tsc = join(dirname(require.resolve('typescript/package.json')), bin.tsc);
  const variants = COUNTS.flatMap((count) => [
    { count, isDecorated: false },
    { count, isDecorated: true },
  ]);
  const samples = variants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) samples[index].push(compile(tsc, variant));
  }

  const table = variants.map(({ count, isDecorated }, index) => [
    `${count} ${isDecorated ? 'handlers' : 'methods without decorators'}`,
    ...['totalSeconds', 'checkSeconds', 'megabytes', 'instantiations'].flatMap((key) => {
      const values = samples[index].map((sample) => sample[key]);
      if (key === 'instantiations') return [String(median(values))];
      return [format(median(values)), spread(values)];
    }),
  ]);
  const head = ['', 'total s', 'from to', 'check s', 'from to', 'MB', 'from to', 'instantiations'];
  printTable(`TypeScript ${version}, --extendedDiagnostics, ${rounds} rounds`, head, table);
}

/** Compiles an application in a folder of its own, which finds the packages of bench/. */
function compile(tsc, variant) {
  const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.types-', import.meta.url)));
  try {
    for (const [path, text] of createSources(variant)) writeFileSync(join(folder, path), text);
    const output = execFileSync(process.execPath, [tsc, '--extendedDiagnostics', '-p', folder], {
      encoding: 'utf8',
    });
    return read(output);
  } catch (error) {
    throw new Error(`tsc failed:\n${error.stdout ?? error}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function read(output) {
  const numberOf = (label) => {
    const [, number] = new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(output) ?? [];
    if (number === undefined) throw new Error(`tsc says no "${label}":\n${output}`);
    return Number(number);
  };
  return {
    totalSeconds: numberOf('Total time'),
    checkSeconds: numberOf('Check time'),
    megabytes: numberOf('Memory used') / 1000,
    instantiations: numberOf('Instantiations'),
  };
}
