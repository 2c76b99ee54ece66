import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { startProcess } from './processes/start-process.js';
import type { TestProcess } from './processes/start-process.js';
import { lost, release, take } from './take-directory.js';
import { testDirectory } from './test-directory.js';

/** An owner that stands still is watched for five seconds. */
const TIMEOUT_MS = 60_000;

describe('a process that stands still', () => {
  it(
    'does not get the directory when it goes on and another one has taken it',
    async () => {
      const directory = await testDirectory();
      const still = locking(directory, { stopBefore: 1 });
      await still.says('stops');
      await take(directory);

      still.resume();

      expect(await still.saysAny('refused', 'taken')).toBe('refused');
      expect(await take(directory)).toBe(false);
      expect(lost).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'does not get it either when others have taken it one after the other',
    async () => {
      const directory = await testDirectory();
      await writeFile(join(directory, 'webhook-inbox.lock.5'), 'released');
      const still = locking(directory, { stopBefore: 1 });
      await still.says('stops');
      await take(directory);
      await release(directory);
      await take(directory);

      still.resume();

      expect(await still.saysAny('refused', 'taken')).toBe('refused');
      expect(await take(directory)).toBe(false);
      expect(lost).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'gets the directory when it goes on and others have taken it and given it back',
    async () => {
      const directory = await testDirectory();
      const still = locking(directory, { stopBefore: 1 });
      await still.says('stops');
      await take(directory);
      await release(directory);
      await take(directory);
      await release(directory);

      still.resume();

      expect(await still.saysAny('taken', 'refused')).toBe('taken');
    },
    TIMEOUT_MS,
  );

  it(
    'leaves the directory to the one that took it while it was tidying up',
    async () => {
      const directory = await testDirectory();
      await take(directory);
      await release(directory);
      const still = locking(directory, { stopBefore: 2 });
      await still.says('stops');
      expect(await take(directory)).toBe(true);

      still.resume();

      expect(await still.says('refused')).toContain('has lost');
      expect(await take(directory)).toBe(false);
      expect(lost).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'is told when it goes on and another one has its directory',
    async () => {
      const directory = await testDirectory();
      const still = locking(directory);
      await still.says('taken');
      still.stop();
      expect(await take(directory)).toBe(true);

      still.resume();

      expect(await still.says('lost')).toContain('another process has taken it');
      expect(lost).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('an owner of a directory', () => {
  it(
    'keeps it when its file could not be touched once',
    async () => {
      const owner = locking(await testDirectory(), { fail: 2, times: 1 });
      await owner.says('failed');

      expect(await owner.saysAny('recovered', 'lost')).toBe('recovered');
    },
    TIMEOUT_MS,
  );

  it('does not become one where its file cannot be touched', async () => {
    const owner = locking(await testDirectory(), { fail: 1 });

    expect(await owner.says('refused')).toContain('on a local disk or a volume');
  });

  it(
    'gives it up when its file cannot be touched any more',
    async () => {
      const directory = await testDirectory();
      const owner = locking(directory, { fail: 2 });

      expect(await owner.says('lost')).toContain('could not be touched');

      expect(await take(directory)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'gives it back when the beat under way has ended, and is not told that it was lost',
    async () => {
      const owner = locking(await testDirectory(), { hold: true });
      await owner.says('held');

      owner.tell('release');

      expect(await owner.saysAny('goes', 'released')).toBe('goes');
      await expect(owner.says('lost')).rejects.toThrow('The process ended');
      expect(await owner.ended).toBe(0);
    },
    TIMEOUT_MS,
  );
});

function locking(directory: string, plan: Record<string, unknown> = {}): TestProcess {
  return startProcess([directory, JSON.stringify(plan)], {}, 'locking.mjs');
}
