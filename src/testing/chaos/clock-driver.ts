import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../inbox/clock.js';
import { eventRepeated, eventStored } from '../../inbox/diagnostics.js';
import type { ManualClock } from '../manual-clock.js';

const STEP_MS = 1000;

/**
 * Moves a manual clock on while requests wait for an answer and no handler runs: then they wait for time,
 * such as for the end of a burst.
 */
export class ClockDriver {
  readonly #clock: Clock;
  readonly #isIdle: () => boolean;
  #sent = 0;
  #stored = 0;

  /** @param isIdle Whether no handler runs. */
  constructor(clock: Clock, isIdle: () => boolean) {
    this.#clock = clock;
    this.#isIdle = isIdle;
  }

  /** Moves the clock on to a moment, if it is one that a test moves. */
  async reach(moment: Date): Promise<void> {
    if (!isManual(this.#clock)) return;
    await this.#clock.advance(Math.max(0, moment.getTime() - this.#clock.now()));
  }

  /** Waits for requests to be answered, and lets time pass for them where it has to. */
  async during<T>(requests: readonly Promise<T>[]): Promise<readonly T[]> {
    const answered = Promise.all(requests);
    if (!isManual(this.#clock)) return answered;

    this.#sent = requests.length;
    this.#stored = 0;
    let isAnswered = false;
    let answeredCount = 0;
    const onStored = (): void => void (this.#stored += 1);
    const channels = [eventStored, eventRepeated];
    channels.forEach(({ name }) => subscribe(name, onStored));
    requests.forEach((request) => void request.finally(() => (answeredCount += 1)).catch(() => {}));
    const end = answered.finally(() => (isAnswered = true));
    end.catch(() => {});
    while (!isAnswered) {
      await setImmediate();
      const isWaiting = this.#stored >= this.#sent && answeredCount < this.#sent;
      if (isWaiting && this.#isIdle()) await this.#clock.advance(STEP_MS);
    }
    channels.forEach(({ name }) => unsubscribe(name, onStored));
    return end;
  }
}

function isManual(clock: Clock): clock is ManualClock {
  return 'advance' in clock;
}
