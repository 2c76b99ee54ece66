import type { Clock } from '../../inbox/clock.js';
import { waitFor } from './wait-for.js';

const MAX_TRIES = 8;
const FIRST_DELAY_MS = 1000;
const MAX_USUAL_DELAY_MS = 60_000;

/** The work is to end now: the application shuts down, or another process does it. */
export class StoppedError extends Error {}

/** Tries again what fails for a while, and ends at once when it is told to. */
export class Patience {
  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws StoppedError */
  assertGoingOn(): void {
    if (this.signal.aborted) throw new StoppedError();
  }

  /**
   * @param delayFor How long to wait after an error, in milliseconds, given the usual; undefined to give up.
   * @throws StoppedError, and the last error.
   */
  async persist<Result>(
    work: () => Promise<Result>,
    delayFor: (error: unknown, usualMs: number) => number | undefined,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      this.assertGoingOn();
      try {
        return await work();
      } catch (error) {
        const usualMs = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), MAX_USUAL_DELAY_MS);
        const delayMs = delayFor(error, usualMs);
        if (delayMs === undefined || tries === MAX_TRIES) throw error;
        await waitFor(delayMs, this.clock, this.signal);
      }
    }
  }
}
