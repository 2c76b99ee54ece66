import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

// What users get: the tarball npm would publish, installed in applications outside this repository.
// The applications' own packages are installed beforehand by scripts/install.mjs.

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whatever terminal or CI runs this, what is read below is printed without colours. */
const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' };

jest.setTimeout(300_000);

let workspace: string;
let tarball: string;

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'nestjs-webhook-inbox-'));
  const { stdout } = await npm(root, 'pack', '--silent', '--pack-destination', workspace);
  tarball = join(workspace, stdout.trim());
});

afterAll(() => rm(workspace, { recursive: true, force: true }));

describe.each(['nest11-cjs-app', 'nest12-esm-app'])('the packed package in %s', (name) => {
  let app: string;

  beforeAll(async () => {
    app = join(workspace, name);
    const source = join(root, 'test/package', name);
    cpSync(source, app, { recursive: true, verbatimSymlinks: true }); // several times faster than `cp`
    await npm(app, 'install', '--no-save', '--prefer-offline', tarball);
  });

  it('compiles with its types', async () => {
    const { stdout } = await npm(app, 'run', '--silent', 'build');

    expect(stdout).toBe('');
  });

  it('is testable with its jest', async () => {
    const { stderr } = await npm(app, 'test');

    expect(stderr).toMatch(/Tests: +3 passed, 3 total/);
  });

  // These run what the first test compiled.
  it('is testable with vitest', async () => {
    const { stdout } = await npm(app, 'run', '--silent', 'test:vitest');

    expect(stdout).toMatch(/Test Files +2 passed \(2\)/);
  });

  it('is testable with node:test', async () => {
    const { stdout } = await npm(app, 'run', '--silent', 'test:node');

    expect(stdout).toMatch(/pass 2\n[^]*fail 0/);
  });

  it('answers a signed and a forged request in a real process', async () => {
    const { stdout } = await npm(app, 'run', '--silent', 'start');

    expect(stdout).toContain('signed 200\n');
    expect(stdout).toContain('forged 400\n');
    expect(stdout).toContain('handled in_1 on stripe\n');
    expect(stdout).toContain('imported WebhooksError\n');
  });

  // On what the first test compiled, as a process of its own.
  it('has a command line that loads the application', async () => {
    const command = ['exec', '--', 'nestjs-webhook-inbox', 'handlers', '--json'];

    const { stdout } = await npm(app, ...command, '--app', 'dist/src/app.module.js');

    expect(JSON.parse(stdout)).toMatchObject([{ endpoint: 'stripe', types: ['invoice.paid'] }]);
  });

  it('has a command line that fails with an exit code', async () => {
    const cli = join(app, 'node_modules/nestjs-webhook-inbox/dist/esm/cli/bin.js');

    const running = run(process.execPath, [cli, 'handlers', '--app', 'nowhere.js'], { cwd: app });

    await expect(running).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give the compiled file of your root module'),
    });
  });
});

/** Runs npm in a folder; the error of a failed run carries everything it printed. */
async function npm(cwd: string, ...args: string[]) {
  try {
    return await run('npm', args, { cwd, env, shell: process.platform === 'win32' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    const message = `npm ${args.join(' ')} failed in ${cwd}\n${stdout}\n${stderr}`;
    throw new Error(message, { cause: error });
  }
}
