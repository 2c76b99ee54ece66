import { afterEach } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { DirectoryLock } from '../../src/postgres/directory-lock.js';

const taken = new Map<string, DirectoryLock[]>();

/** The directories that were lost after they had been taken. */
export const lost: string[] = [];

afterEach(async () => {
  lost.length = 0;
  await Promise.all([...taken.keys()].map(release));
});

/** Whether this process got the directory. */
export async function take(directory: string): Promise<boolean> {
  const taking = DirectoryLock.take(directory, () => void lost.push(directory));
  const lock = await taking.catch((error: unknown) => {
    if (error instanceof WebhookConfigurationError) return undefined;
    throw error;
  });
  if (lock) taken.set(directory, [...(taken.get(directory) ?? []), lock]);
  return lock !== undefined;
}

/** How many of several that come at the same time have it. */
export async function contend(directory: string): Promise<number> {
  const contenders = Array.from({ length: 4 }, () => take(directory));
  return (await Promise.all(contenders)).filter((isTaken) => isTaken).length;
}

export async function release(directory: string): Promise<void> {
  const locks = taken.get(directory) ?? [];
  taken.delete(directory);
  await Promise.all(locks.map((lock) => lock.release()));
}
