// A process that takes a directory. Arguments: its path; as JSON, what befalls it there:
// `{ killAfter: n }` and `{ stopBefore: n }`: at its n-th change of files, where it says `stops` before;
// `{ fail: n, times: m }`: touching its file fails from the n-th time on, m times;
// `{ hold: true }`: a beat that looks who has the directory is `held`, and `goes` on after `release` was told.
// It says on stdout what became of it: `taken`, `refused`, `failed`, `recovered`, `lost`, `released`.
import { promises, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [directory, plan = '{}'] = process.argv.slice(2);
const { killAfter, stopBefore, fail, times = Infinity, hold } = JSON.parse(plan);
const say = (line) => writeSync(1, `${line}\n`);
let lock;
let letGo;

let changes = 0;
for (const name of ['rm', 'writeFile']) {
  const change = promises[name];
  promises[name] = async (...args) => {
    changes += 1;
    const number = changes;
    if (number === stopBefore) {
      say('stops');
      process.kill(process.pid, 'SIGSTOP');
    }
    try {
      return await change(...args);
    } finally {
      if (number === killAfter) process.kill(process.pid, 'SIGKILL');
    }
  };
}

let touches = 0;
const { readdir, utimes } = promises;
promises.utimes = async (...args) => {
  touches += 1;
  if (touches >= fail && touches < fail + times) {
    say('failed');
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  }
  await utimes(...args);
  if (touches >= fail) say('recovered');
};
promises.readdir = async (...args) => {
  if (hold && lock && !letGo) {
    say('held');
    await new Promise((resolve) => (letGo = resolve));
    say('goes');
  }
  return readdir(...args);
};
syncBuiltinESMExports();

createInterface({ input: process.stdin }).on('line', () => void release());

const { DirectoryLock } = await import(
  `${process.env.WEBHOOK_INBOX_BUILD}/postgres/directory-lock.js`
);
try {
  lock = await DirectoryLock.take(directory, (error) => say(`lost ${error.message}`));
  say('taken');
} catch (error) {
  say(`refused ${error.message}`);
}

/** What is held goes on when it was released, or waits for that. */
async function release() {
  const releasing = lock.release().then(() => say('released'));
  await Promise.race([releasing, delay(200)]);
  letGo?.();
  await releasing;
  process.stdin.destroy();
}
