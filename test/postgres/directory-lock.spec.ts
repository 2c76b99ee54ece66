import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { DirectoryLock } from '../../src/postgres/directory-lock.js';
import { startProcess } from './processes/start-process.js';
import { testDirectory } from './test-directory.js';

/** More than a process makes when it takes a directory. */
const CHANGES = 12;
/** By then it has made the file that makes it the successor, and has removed its draft. */
const SUCCEEDED_BY_THEN = 6;
const CONTENDERS = 4;
const DIRECTORIES = 40;
/** Each that is found dead is watched for five seconds. */
const TIMEOUT_MS = 120_000;

const taken = new Map<string, DirectoryLock[]>();

const lost: unknown[] = [];

afterEach(async () => {
  lost.length = 0;
  await Promise.all([...taken.keys()].map(releaseAll));
});

describe('the lock of a directory', () => {
  it(
    'is taken over from processes that are killed while they take it, by one, whatever they had done by then',
    async () => {
      const steps = Array.from({ length: CHANGES }, (_, index) => index + 1);

      const outcomes = await Promise.all(steps.map(takeAfterKillsAt));

      expect(outcomes.map(({ owners }) => owners)).toEqual(steps.map(() => 1));
      expect(outcomes.map(({ left }) => left)).toEqual(steps.map(() => []));
      // Otherwise the kills were too few.
      expect(outcomes[0]?.killed).toBe(3);
      expect(outcomes.at(-1)?.killed).toBe(0);
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
    'stays with its owner when one that stood still while it took it goes on',
    async () => {
      const directory = await killedIn(await testDirectory());
      const still = startProcess([directory, String(SUCCEEDED_BY_THEN)], {}, 'locking.mjs');
      await still.ended;
      const [lock, claim] = (await readdir(directory)).sort();
      const stillId = await readFile(join(directory, claim!));
      expect(await take(directory)).toBe(true);

      await writeFile(join(directory, lock!), stillId);

      expect(await take(directory)).toBe(false);
      expect(lost).toEqual([]);
      await releaseAll(directory);
      expect(await readdir(directory)).toEqual([]);
    },
    TIMEOUT_MS,
  );
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
    const child = startProcess([directory, String(change)], {}, 'locking.mjs');
    const outcome = await Promise.race([
      child.ended.then(() => 'killed'),
      child.says('taken').catch(() => 'killed'),
    ]);
    if (outcome === 'killed') killed += 1;
    await child.kill();
  }
  const owners = await contend(directory);
  await releaseAll(directory);
  return { killed, owners, left: await readdir(directory) };
}

async function killedIn(directory: string): Promise<string> {
  const owner = startProcess([directory], {}, 'locking.mjs');
  await owner.says('taken');
  await owner.kill();
  return directory;
}

/** How many of several that come at the same time have it. */
async function contend(directory: string): Promise<number> {
  const contenders = Array.from({ length: CONTENDERS }, () => take(directory));
  return (await Promise.all(contenders)).filter((isTaken) => isTaken).length;
}

async function take(directory: string): Promise<boolean> {
  const taking = DirectoryLock.take(directory, (error) => void lost.push(error));
  const lock = await taking.catch((error: unknown) => {
    if (error instanceof WebhookConfigurationError) return undefined;
    throw error;
  });
  if (lock) taken.set(directory, [...(taken.get(directory) ?? []), lock]);
  return lock !== undefined;
}

async function releaseAll(directory: string): Promise<void> {
  const locks = taken.get(directory) ?? [];
  taken.delete(directory);
  await Promise.all(locks.map((lock) => lock.release()));
}
