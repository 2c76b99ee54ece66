/** Where the time comes from. Tests give `manualClock()` of `nestjs-webhook-inbox/testing`. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once after the delay, unless the returned function is called first. A clock that a test moves
   * waits for what the callback gives before it moves on.
   */
  setTimer(callback: () => unknown, delayMs: number): () => void;
  /**
   * Whether it moves only when it is told to. What an engine lets a database wait for is then due by this
   * clock, and not by the database's.
   * @default false
   */
  readonly isManual?: boolean;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer: SystemTimer = { callback, delayMs, started: undefined, isCancelled: false };
    if (newTimers.push(timer) === 1) setImmediate(startNewTimers);
    return () => {
      timer.isCancelled = true;
      clearTimeout(timer.started);
    };
  },
};

interface SystemTimer {
  readonly callback: () => unknown;
  readonly delayMs: number;
  started: NodeJS.Timeout | undefined;
  isCancelled: boolean;
}

/** Node gets only the timers that outlast the turn they were set in. Those of a quick handler never do. */
const newTimers: SystemTimer[] = [];

function startNewTimers(): void {
  for (const timer of newTimers.splice(0)) {
    if (!timer.isCancelled) timer.started = setTimeout(timer.callback, timer.delayMs);
  }
}
