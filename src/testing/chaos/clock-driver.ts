import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { eventRepeated, eventStored } from '../../inbox/diagnostics.js';
import type { ManualClock } from '../manual-clock.js';
import type { TestedApplication } from '../tested-application.js';

const STEP_MS = 1000;
/** For how long, in real milliseconds, nothing may run before what a database holds is taken to wait for time. */
const QUIET_MS = 20;

/**
 * Moves a manual clock on while deliveries wait and no handler runs: then they wait for time, such as for
 * the end of a burst.
 */
export class ClockDriver {
  readonly #tested: TestedApplication;
  readonly #isIdle: () => boolean;

  /** @param isIdle Whether no handler runs. */
  constructor(tested: TestedApplication, isIdle: () => boolean) {
    this.#tested = tested;
    this.#isIdle = isIdle;
  }

  /** Moves the clock on to a moment, if it is one that a test moves. */
  async reach(moment: Date): Promise<void> {
    const clock = this.#manualClock;
    await clock?.advance(Math.max(0, moment.getTime() - clock.now()));
  }

  /** Waits for requests to be answered, and lets time pass for them when all are stored. */
  async duringRequests<T>(requests: readonly Promise<T>[]): Promise<readonly T[]> {
    let stored = 0;
    let answered = 0;
    const onStored = (): void => void (stored += 1);
    const channels = [eventStored, eventRepeated];
    channels.forEach(({ name }) => subscribe(name, onStored));
    for (const request of requests) request.finally(() => (answered += 1)).catch(() => {});
    try {
      const isWaiting = (): boolean => stored >= requests.length && answered < requests.length;
      return await this.during(Promise.all(requests), isWaiting);
    } finally {
      channels.forEach(({ name }) => unsubscribe(name, onStored));
    }
  }

  /** Waits for something, and lets time pass for it. */
  async during<T>(work: Promise<T>, isWaiting = (): boolean => true): Promise<T> {
    const clock = this.#manualClock;
    if (!clock) return work;
    let isDone = false;
    const end = work.finally(() => (isDone = true));
    end.catch(() => {});
    while (!isDone) {
      const isQuiet = await this.#isQuiet();
      if (!isDone && isQuiet && isWaiting()) await clock.advance(STEP_MS);
    }
    return end;
  }

  async #isQuiet(): Promise<boolean> {
    await setImmediate();
    if (!this.#tested.isRetriedByEngine) return this.#isIdle();
    if (!this.#isIdle()) return false;
    await setTimeout(QUIET_MS);
    return this.#isIdle();
  }

  get #manualClock(): ManualClock | undefined {
    const { clock } = this.#tested;
    return clock.isManual && 'advance' in clock ? (clock as ManualClock) : undefined;
  }
}
