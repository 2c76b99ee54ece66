import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startServer } from './start-server.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const build = `${root}node_modules/.cache/webhook-inbox-processes`;

/** One server for the whole run; `POSTGRES_URL` names another to use instead. */
export default async function globalSetup() {
  compile();
  if (process.env.POSTGRES_URL) return;
  const server = await startServer();
  process.env.POSTGRES_URL = server.url;
  process.env.POSTGRES_IS_OURS = 'true';
  globalThis.stopPostgresServer = server.stop;
}

/** For tests that start processes of their own: those have no jest to read TypeScript for them. */
function compile() {
  const args = ['-p', 'tsconfig.build.json', '--outDir', build, '--declaration', 'false'];
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The source does not compile: ${stdout}`);
  writeFileSync(`${build}/package.json`, '{"type":"module"}');
  process.env.WEBHOOK_INBOX_BUILD = build;
}
