// Installs what is measured beside the package, and the package itself, as its last build is.
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing, root } from '../scripts/install.mjs';

const FOLDERS = ['bench', 'bench/nest11'];
const PUBLISHED = ['package.json', 'dist'];
/** The last file that a build writes. */
const LAST_BUILT = 'dist/cjs/package.json';

/** Copied, so that it finds the Nest of its folder, as an installed package does. */
export function installBench() {
  installMissing(FOLDERS);
  for (const folder of FOLDERS) {
    const target = join(root, folder, 'node_modules/nestjs-webhook-inbox');
    if (isUpToDate(target)) continue;
    // Whole or not at all, also where two benches begin at once.
    const copy = mkdtempSync(`${target}-`);
    for (const path of PUBLISHED) cpSync(join(root, path), join(copy, path), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    renameSync(copy, target);
  }
}

/** So that a bench that is running keeps its files. */
function isUpToDate(target) {
  const copied = join(target, LAST_BUILT);
  return existsSync(copied) && statSync(copied).mtimeMs > statSync(join(root, LAST_BUILT)).mtimeMs;
}
