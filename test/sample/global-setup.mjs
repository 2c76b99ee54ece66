// The samples that start processes of their own run as they are compiled, on the last build.
import { spawnSync } from 'node:child_process';
import startPostgres from '../postgres/server/global-setup.mjs';
import { buildIfOutOfDate, root } from '../../scripts/build-if-out-of-date.mjs';

export default async function globalSetup() {
  buildIfOutOfDate();
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'sample/04-postgres'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('sample/04-postgres does not compile.');
  await startPostgres();
}
