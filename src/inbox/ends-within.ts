import { setTimeout as delay } from 'node:timers/promises';

/** Whether work ends within so many milliseconds. Rejects where it does. */
export async function endsWithin(work: Promise<unknown>, delayMs: number): Promise<boolean> {
  const ended = new AbortController();
  try {
    return await Promise.race([
      work.then(() => true),
      delay(delayMs, false, { signal: ended.signal }),
    ]);
  } finally {
    ended.abort();
  }
}
