import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { DirectoryLock } from '../../src/postgres/directory-lock.js';
import { startProcess } from './processes/start-process.js';
import { contend, lost, release, take } from './take-directory.js';
import { testDirectory } from './test-directory.js';

/** More than a process makes when it takes a directory. */
const CHANGES = 3;
const DIRECTORIES = 40;
/** Each that is found dead is watched for five seconds. */
const TIMEOUT_MS = 120_000;

describe('the lock of a directory', () => {
  it(
    'is taken over from processes that are killed while they take it, by one, whatever they had done by then',
    async () => {
      const steps = Array.from({ length: CHANGES }, (_, index) => index + 1);

      const outcomes = await Promise.all(steps.map(takeAfterKillsAt));

      expect(outcomes.map(({ owners }) => owners)).toEqual(steps.map(() => 1));
      expect(outcomes.map(({ left }) => left)).toEqual(steps.map(() => ['webhook-inbox.lock.4']));
      // Otherwise the kills were too few.
      expect(outcomes.map(({ killed }) => killed)).toEqual([3, 2, 0]);
    },
    TIMEOUT_MS,
  );

  it(
    'is given to one of many that find its owner dead at the same time, again and again',
    async () => {
      const directories = await Promise.all(
        Array.from({ length: DIRECTORIES }, async () => killedIn(await testDirectory())),
      );

      const owners = await Promise.all(directories.map(contend));

      expect(owners).toEqual(directories.map(() => 1));
      const latecomers = await Promise.all(directories.map((directory) => take(directory)));
      expect(latecomers).toEqual(directories.map(() => false));
      expect(lost).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is given to one of many where a power cut has emptied the files of its owners',
    async () => {
      const directory = await testDirectory();
      await writeFile(join(directory, 'webhook-inbox.lock.9'), '');
      await writeFile(join(directory, 'webhook-inbox.lock.10'), '');

      expect(await contend(directory)).toBe(1);

      expect(await readdir(directory)).toEqual(['webhook-inbox.lock.11']);
      expect(await take(directory)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it('is free at once when its owner has released it', async () => {
    const directory = await testDirectory();
    await take(directory);
    await release(directory);

    const lock = await DirectoryLock.take(directory, () => undefined);

    await lock.release();
    expect(await readdir(directory)).toEqual(['webhook-inbox.lock.2']);
  });

  it('is released without an error where its file cannot be written any more', async () => {
    const directory = await testDirectory();
    const lock = await DirectoryLock.take(directory, () => undefined);
    await rm(directory, { recursive: true });

    await expect(lock.release()).resolves.toBeUndefined();
  });
});

interface Outcome {
  /** How many were killed before they had the directory. */
  readonly killed: number;
  readonly owners: number;
  /** What is in the directory after it was released. */
  readonly left: readonly string[];
}

/** One takes the directory, two take it over one after the other, and each is killed at this change of files. */
async function takeAfterKillsAt(change: number): Promise<Outcome> {
  const directory = await testDirectory();
  let killed = 0;
  for (let generation = 0; generation < 3; generation++) {
    const plan = JSON.stringify({ killAfter: change });
    const child = startProcess([directory, plan], {}, 'locking.mjs');
    const outcome = await Promise.race([
      child.ended.then(() => 'killed'),
      child.says('taken').catch(() => 'killed'),
    ]);
    if (outcome === 'killed') killed += 1;
    await child.kill();
  }
  const owners = await contend(directory);
  await release(directory);
  return { killed, owners, left: await readdir(directory) };
}

async function killedIn(directory: string): Promise<string> {
  const owner = startProcess([directory], {}, 'locking.mjs');
  await owner.says('taken');
  await owner.kill();
  return directory;
}
