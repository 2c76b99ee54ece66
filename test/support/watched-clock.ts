import { manualClock } from '../../src/testing/index.js';
import type { ManualClock } from '../../src/testing/index.js';

/** A manual clock that shows which timers are set. */
export interface WatchedClock extends ManualClock {
  /** The delays of the timers that have neither fired nor been cancelled. */
  pendingDelaysMs(): number[];
  /** Resolves when a timer of this delay is set. */
  whenSet(delayMs: number): Promise<void>;
}

export function watchedClock(startMs?: number): WatchedClock {
  const clock = manualClock(startMs);
  const pending = new Set<{ readonly delayMs: number }>();
  const waiting: { readonly delayMs: number; readonly resume: () => void }[] = [];

  return {
    isManual: true,
    now: () => clock.now(),
    advance: (byMs) => clock.advance(byMs),
    setTimer: (callback, delayMs) => {
      const timer = { delayMs };
      pending.add(timer);
      const cancel = clock.setTimer(() => {
        pending.delete(timer);
        return callback();
      }, delayMs);
      waiting.filter((each) => each.delayMs === delayMs).forEach(({ resume }) => resume());
      return () => {
        pending.delete(timer);
        cancel();
      };
    },
    pendingDelaysMs: () => [...pending].map(({ delayMs }) => delayMs),
    whenSet: (delayMs) => new Promise((resume) => waiting.push({ delayMs, resume })),
  };
}
