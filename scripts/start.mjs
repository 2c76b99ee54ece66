// Runs the first sample from a fresh clone: `npm start`, `npm start -- --serve`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installMissing, root } from './install.mjs';

installMissing(['.']);
if (isBuildOutOfDate()) run('npm', ['run', '--silent', 'build']);
run('npm', ['exec', '--', 'tsc', '-p', 'tsconfig.sample.json']);

// In this process, as if it had been started by itself: Ctrl+C reaches it, and nothing outlives it.
const demo = join(root, 'sample/01-first-webhook/dist/demo.js');
process.argv[1] = demo;
await import(pathToFileURL(demo).href);

function isBuildOutOfDate() {
  const built = join(root, 'dist/cjs/package.json'); // the last file a build writes
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return readdirSync(join(root, 'src'), { recursive: true }).some(
    (path) => statSync(join(root, 'src', path)).mtimeMs > builtAt,
  );
}

function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
