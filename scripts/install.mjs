// Installs what is missing or out of date, and nothing when everything is in place.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Every folder with a lockfile of its own: the package, and the applications it is tested in. */
export const folders = [
  '.',
  'test/compat/nest11',
  'test/package/nest11-cjs-app',
  'test/package/nest12-esm-app',
];

export function installMissing(wanted = folders) {
  for (const folder of wanted) {
    if (isInstalled(join(root, folder))) continue;
    console.log(`install: npm install in ${folder}`);
    // Not `npm ci`: it refuses a lockfile that lacks another platform's optional binaries.
    const { status } = spawnSync('npm', ['install', '--no-save', '--loglevel=error'], {
      cwd: join(root, folder),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}

/** npm keeps a lockfile of what it installed inside node_modules; the two must name the same. */
function isInstalled(folder) {
  const wanted = packagesIn(join(folder, 'package-lock.json'));
  const installed = packagesIn(join(folder, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || optional || installed[path]?.version === version,
  );
}

function packagesIn(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, 'utf8')).packages : {};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installMissing();
