// A process that takes a directory. Arguments: its path; after how many changes of files it is killed. It says
// on stdout what became of it.
import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [directory, killedAfter] = process.argv.slice(2);
let changes = 0;

for (const name of ['link', 'rename', 'rm', 'symlink', 'unlink', 'writeFile']) {
  const change = promises[name];
  promises[name] = async (...args) => {
    try {
      return await change(...args);
    } finally {
      changes += 1;
      if (changes === Number(killedAfter)) process.kill(process.pid, 'SIGKILL');
    }
  };
}
syncBuiltinESMExports();

const { DirectoryLock } = await import(
  `${process.env.WEBHOOK_INBOX_BUILD}/postgres/directory-lock.js`
);
await DirectoryLock.take(directory, () => {}).then(
  () => process.stdout.write('taken\n'),
  (error) => process.stdout.write(`refused ${error.message}\n`),
);
