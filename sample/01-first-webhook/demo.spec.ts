import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

it('runs with `npm start` and gets every answer it expects', async () => {
  const { stdout } = await run(process.execPath, ['scripts/start.mjs'], { cwd: root });

  expect(stdout.match(/ (200|400|500) {2}/g)?.map(Number)).toEqual([
    200, 200, 400, 400, 500, 200, 200,
  ]);
  expect(stdout).toContain('Every answer is the expected one.');
}, 120_000);
