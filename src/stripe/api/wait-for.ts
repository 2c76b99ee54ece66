import type { Clock } from '../../inbox/clock.js';

/** Waits, and no longer than until the signal is aborted. */
export function waitFor(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.setTimer(end, delayMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
