import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The source as JavaScript, for processes that have no jest to read TypeScript for them. Gives its directory. */
export function compileSource() {
  const build = `${root}node_modules/.cache/webhook-inbox-processes`;
  const noTypes = ['--declaration', 'false', '--declarationDir', 'null'];
  const args = ['-p', 'tsconfig.build.json', '--outDir', build, ...noTypes];
  const tsc = `${root}node_modules/typescript/bin/tsc`;
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The source does not compile: ${stdout}`);
  writeFileSync(`${build}/package.json`, '{"type":"module"}');
  return build;
}
