// Everything that must hold before a change is merged, from a fresh clone: `npm test`.
import { spawnSync } from 'node:child_process';
import { installMissing, root } from './install.mjs';

/** The names of npm scripts, in order. The tests come last, so the output ends with their summary. */
const steps = [
  'check:format',
  'lint',
  'typecheck',
  'check:imports',
  'build',
  'check:package',
  'jest',
];

installMissing();

for (const step of steps) {
  console.log(`\n== ${step}`);
  const startedAt = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', step], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`== ${step} failed after ${seconds} s`);
    process.exit(status ?? 1);
  }
  if (step !== steps.at(-1)) console.log(`== ${step} passed in ${seconds} s`);
}
