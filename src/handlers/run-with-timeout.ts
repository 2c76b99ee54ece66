import type { Clock } from '../inbox/clock.js';
import { followRun } from './follow-run.js';

export interface TimeLimits {
  readonly timeoutMs: number;
  /** How long after its start a run that ignores its signal is given up. */
  readonly abandonAfterMs: number;
  /** Given what ends the timing: the run is then waited for without a limit, and no timer is left. */
  readonly onStart: (stopTiming: () => void) => void;
  /** Called when `timeoutMs` has passed. */
  readonly onTimeout: () => void;
  /** The error a run that is given up rejects with. */
  readonly createTimeoutError: () => Error;
}

/**
 * Waits for a run. When its time is over the run is told, and still waited for: whatever it returns
 * then counts, because it happened. Only a run that does not return at all is given up.
 */
export function runWithTimeout<T>(
  run: () => T | Promise<T>,
  clock: Clock,
  { timeoutMs, abandonAfterMs, onStart, onTimeout, createTimeoutError }: TimeLimits,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancelTimer = clock.setTimer(() => {
      onTimeout();
      cancelTimer = clock.setTimer(() => reject(createTimeoutError()), abandonAfterMs - timeoutMs);
    }, timeoutMs);
    onStart(() => cancelTimer());
    const succeed = (result: T): void => {
      cancelTimer();
      resolve(result);
    };
    const fail = (error: unknown): void => {
      cancelTimer();
      reject(error);
    };
    followRun(run, succeed, fail);
  });
}
