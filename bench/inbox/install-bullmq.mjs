import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('redis/', import.meta.url);

/** In a folder of its own: the package and its tests do without it. */
export function installBullMq() {
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status } = spawnSync('npm', args, { cwd: fileURLToPath(FOLDER), stdio: 'inherit' });
  if (status !== 0)
    throw new Error('BullMQ could not be installed. Unset REDIS_URL to do without.');
}

/** BullMQ, and a connection to the Redis of REDIS_URL. */
export function loadBullMq() {
  const require = createRequire(new URL('package.json', FOLDER));
  return { ...require('bullmq'), connection: { url: process.env.REDIS_URL } };
}
