// Stops the server when the process that started it has gone: then nothing holds the other end of stdin.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [databaseDir] = process.argv.slice(2);

process.stdin.resume();
process.stdin.once('close', stop);
process.stdin.once('error', stop);

/** The directory is the server's own: whichever process has it is to stop. */
function stop() {
  const pid = runningPid();
  if (pid !== undefined) process.kill(pid, 'SIGINT');
  setTimeout(() => rmSync(databaseDir, { recursive: true, force: true }), 3000);
}

function runningPid() {
  try {
    const [pid] = readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 0);
    return Number(pid);
  } catch {
    return undefined;
  }
}
