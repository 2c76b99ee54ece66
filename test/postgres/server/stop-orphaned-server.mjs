// Stops the server when the process that started it has gone: then nothing holds the other end of stdin.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [pid, databaseDir] = process.argv.slice(2);

process.stdin.resume();
process.stdin.once('close', stop);
process.stdin.once('error', stop);

function stop() {
  if (isStillOurs()) process.kill(Number(pid), 'SIGINT');
  setTimeout(() => rmSync(databaseDir, { recursive: true, force: true }), 3000);
}

function isStillOurs() {
  try {
    const [owner] = readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n');
    return owner === pid;
  } catch {
    return false;
  }
}
