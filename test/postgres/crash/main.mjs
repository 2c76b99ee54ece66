// `npm run test:crash`: kills receiving processes under load, and compares what was answered with what ran.
// Options: --kills 50, --events 5000 (spread over the kills), --seed 1.
import { parseArgs } from 'node:util';
import { compileSource } from '../server/compile-source.mjs';
import { runCrashTest } from './run-crash-test.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    events: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const report = await runCrashTest({
  build: process.env.WEBHOOK_INBOX_BUILD ?? compileSource(),
  kills: Number(values.kills),
  events: Number(values.events),
  seed: Number(values.seed),
});
console.log(JSON.stringify(report, null, 2));
const isRight = Object.values(report.problems).every((count) => count === 0);
process.exitCode = isRight && report.crashes.length === 0 ? 0 : 1;
