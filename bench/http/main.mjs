// Measures this package beside what else takes a webhook, and prints the tables of docs/performance.md:
// `npm run bench`, and `npm run bench -- --quick` for a first look.
import { parseArgs } from 'node:util';
import { buildIfOutOfDate } from '../../scripts/build-if-out-of-date.mjs';
import { installBench } from '../install.mjs';

buildIfOutOfDate();
installBench();

// Loaded now, because they import what has just been installed.
const { describeMachine, leaveServerCore, versionsIn } = await import('../machine.mjs');
const { CASES } = await import('./cases.mjs');
const { CONTENDERS, QUICK } = await import('./contenders.mjs');
const { measureCase } = await import('./measure-case.mjs');
const { printCase } = await import('./print-case.mjs');

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 3 : 9));
const cases = (options.cases ?? (options.quick ? '2kb,500kb' : Object.keys(CASES).join())).split(
  ',',
);
const contenders = options.contenders
  ? options.contenders.split(';').map(contenderCalled)
  : CONTENDERS.filter(({ name }) => !options.quick || QUICK.includes(name));

console.log(describeMachine());
console.log(versionsIn('.', ['@nestjs/core', 'express', 'fastify', 'stripe', 'svix']).join(', '));
console.log(
  versionsIn('nest11', ['@nestjs/core', '@golevelup/nestjs-stripe', 'stripe']).join(', '),
);
if (options.quick) {
  console.log(`--quick: ${cases.join(', ')}; ${contenders.map(({ name }) => name).join('; ')}`);
}
leaveServerCore();
for (const name of cases) {
  const wanted = CASES[name];
  if (!wanted) throw new Error(`No case "${name}", but: ${Object.keys(CASES).join(', ')}.`);
  printCase(wanted, await measureCase(wanted, contenders, rounds), rounds);
}

function contenderCalled(name) {
  const contender = CONTENDERS.find((each) => each.name === name.trim());
  if (contender) return contender;
  const names = CONTENDERS.map((each) => each.name).join('; ');
  throw new Error(`No contender "${name}". Separate them by semicolons: ${names}.`);
}
