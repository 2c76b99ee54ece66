// Runs the first sample from a fresh clone: `npm start`, `npm start -- --serve`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfOutOfDate } from './build-if-out-of-date.mjs';
import { installMissing, root } from './install.mjs';

installMissing(['.']);
buildIfOutOfDate();
run('npm', ['exec', '--', 'tsc', '-p', 'tsconfig.sample.json']);

// In this process, as if it had been started by itself: Ctrl+C reaches it, and nothing outlives it.
const demo = join(root, 'sample/01-first-webhook/dist/demo.js');
process.argv[1] = demo;
await import(pathToFileURL(demo).href);

function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
