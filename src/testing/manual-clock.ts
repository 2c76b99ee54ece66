import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../inbox/clock.js';

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  readonly isManual: true;
  /**
   * Moves on by so many milliseconds, and runs what falls due on the way, each at its own time. On
   * PostgreSQL it resolves when deliveries are due; when they have run, `tester.settled()` and
   * `tester.delivery()` say.
   */
  advance(byMs: number): Promise<void>;
}

/**
 * A clock for tests, which stands still until it is moved. On PostgreSQL it drives what is the inbox's:
 * retries, bursts, timeouts, tolerance, the age of what is kept. What keeps processes apart, leases and the
 * locks of pruning and reconciling, goes by the database's time, and so do the counts of the last minute.
 *
 * @param startMs Milliseconds since 1970. Default: now.
 *
 * @example
 * const clock = manualClock();
 * Test.createTestingModule({ imports: [AppModule] }).overrideProvider(WEBHOOK_INBOX_CLOCK).useValue(clock);
 */
export function manualClock(startMs = Date.now()): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{
    readonly atMs: number;
    readonly callback: () => unknown;
  }>();

  return {
    isManual: true,
    now: () => nowMs,
    setTimer: (callback, delayMs) => {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      for (;;) {
        // What the last timer started may set another.
        await setImmediate();
        const [next] = [...timers]
          .filter(({ atMs }) => atMs <= untilMs)
          .sort((left, right) => left.atMs - right.atMs);
        if (!next) break;
        timers.delete(next);
        nowMs = next.atMs;
        await next.callback();
      }
      nowMs = untilMs;
    },
  };
}
