import type { Clock } from '../inbox/clock.js';
import { followRun } from './follow-run.js';

export interface Deadline {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly createError: () => Error;
}

export interface GivingUp {
  /** Given what ends the run before its deadline. */
  readonly onStart: (giveUp: (reason: Error) => void) => void;
  /** Called with the reason when the run is given up. */
  readonly onGiveUp: (reason: Error) => void;
}

/**
 * Waits for a run until the deadline, and no longer: a later result is refused, also one that comes late
 * because it kept the process busy. After the deadline it is not run at all.
 */
export function runUntilDeadline<T>(
  run: () => T | Promise<T>,
  clock: Clock,
  { atMs, createError }: Deadline,
  { onStart, onGiveUp }: GivingUp = { onStart: () => {}, onGiveUp: () => {} },
): Promise<T> {
  const remainingMs = atMs - clock.now();
  if (remainingMs <= 0) return Promise.reject(createError());

  return new Promise((resolve, reject) => {
    const giveUp = (reason: Error): void => {
      cancelTimer();
      reject(reason);
      onGiveUp(reason);
    };
    const cancelTimer = clock.setTimer(() => giveUp(createError()), remainingMs);
    onStart(giveUp);
    const succeed = (result: T): void => {
      if (clock.now() >= atMs) return giveUp(createError());
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
