import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Beside the source. */
const BUILT_BY = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.build.cjs.json',
  'scripts/bundle.mjs',
];

/** Builds the package where its source, or what it is built by, is newer than its last build. */
export function buildIfOutOfDate() {
  if (!isBuildOutOfDate()) return;
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function isBuildOutOfDate() {
  const built = join(root, 'dist/cjs/package.json'); // the last file a build writes
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  const sources = readdirSync(join(root, 'src'), { recursive: true });
  const paths = [...BUILT_BY, ...sources.map((path) => join('src', path))];
  return paths.some((path) => statSync(join(root, path)).mtimeMs > builtAt);
}
