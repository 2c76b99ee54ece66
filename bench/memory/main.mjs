// Whether the memory of a process stays flat while events pass through it: `npm run bench:memory`.
import { parseArgs } from 'node:util';
import { buildIfOutOfDate } from '../../scripts/build-if-out-of-date.mjs';
import { installBench } from '../install.mjs';

buildIfOutOfDate();
installBench();
const { CONTENDERS } = await import('../http/contenders.mjs');
const { ContenderProcess } = await import('../http/contender-process.mjs');
const { createRequests } = await import('../http/requests.mjs');
const { describeMachine, leaveServerCore } = await import('../machine.mjs');

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    contender: { type: 'string', default: 'ours, Express' },
  },
});
const events = Number(options.events);
const STEPS = 20;
const BATCH = 2000;
/** What the engine remembers by default: until then memory has a reason to grow. */
const REMEMBERED = 100_000;
const FLAT = 1.1;

const contender = CONTENDERS.find(({ name }) => name === options.contender);
const server = new ContenderProcess(contender, 1);
console.log(describeMachine());
leaveServerCore();
await server.start();
try {
  console.log(`${contender.name}, ${events} events of 2 KB, the engine in memory\n`);
  report(await measure());
} finally {
  await server.stop();
}

/** The resident memory after each step, in MB. */
async function measure() {
  const samples = [{ sent: 0, megabytes: await server.residentMegabytes() }];
  for (let sent = BATCH; sent <= events; sent += BATCH) {
    await server.send('valid', requests(), 32);
    if (sent % (events / STEPS) !== 0) continue;
    samples.push({ sent, megabytes: await server.residentMegabytes() });
  }
  return samples;
}

function requests() {
  return createRequests({ kind: 'valid', bytes: 2000, sender: contender.sender, count: BATCH });
}

function report(samples) {
  console.log('| events | resident MB |\n| ---: | ---: |');
  for (const { sent, megabytes } of samples) console.log(`| ${sent} | ${Math.round(megabytes)} |`);

  const full = samples.filter(({ sent }) => sent >= 2 * REMEMBERED);
  if (full.length < 4) return;
  const half = Math.floor(full.length / 2);
  const growth = mean(full.slice(half)) / mean(full.slice(0, half));
  console.log(
    `\nSecond half of the series by the first, from ${2 * REMEMBERED} on: ${growth.toFixed(3)}`,
  );
  if (growth <= FLAT) return;
  console.error(`Memory is not flat: it grew to more than ${FLAT} times.`);
  process.exitCode = 1;
}

function mean(samples) {
  return samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / samples.length;
}
