import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Turn } from './chaos-plan.js';

/** How long an attempt has to come to its next call, before another goes on: for a statement of a database. */
const PATIENCE_MS = 5;
/** And how many rounds of the event loop at least, however slow the machine is. */
const PATIENCE_ROUNDS = 20;
/** How long, in real milliseconds, requests may take from the socket to their handlers. */
const GATHERING_MS = 50;
const NEXT: Turn = { wait: 0, isImpatient: false };

/** Whoever takes turns: an attempt. */
export interface TurnTaking {
  /** Where it stands among those that come at the same time. */
  readonly rank: number;
}

/**
 * Lets attempts that run at once go on by turns, one at a time, from one call to a provider to the next: so
 * that a race is met by plan and not by chance. Who waits longest is next, unless the plan says otherwise.
 *
 * An attempt that comes to no call, because it waits for a lock of another or for a real database, does not
 * hold up the others.
 */
export class TurnTaker {
  readonly #turns: readonly Turn[];
  readonly #expected: number;
  readonly #waiting: { readonly taker: TurnTaking; readonly go: () => void }[] = [];
  readonly #busy = new Set<TurnTaking>();
  #taken = 0;
  #isDriving = false;
  #hasGathered = false;
  #onGathered: (() => void) | undefined;

  /** @param expected How many attempts are waited for before the first goes on. */
  constructor(turns: readonly Turn[], expected: number) {
    this.#turns = turns;
    this.#expected = expected;
  }

  /** Resolves when it is this one's turn. */
  take(taker: TurnTaking): Promise<void> {
    return new Promise((resolve) => {
      this.#busy.delete(taker);
      this.#waiting.push({ taker, go: resolve });
      if (this.#waiting.length >= this.#expected) this.#onGathered?.();
      void this.#drive();
    });
  }

  /** This one has ended, or goes on no more. */
  leave(taker: TurnTaking): void {
    this.#busy.delete(taker);
  }

  async #drive(): Promise<void> {
    if (this.#isDriving) return;
    this.#isDriving = true;
    await this.#gather();
    while (this.#waiting.length > 0) {
      const { wait, isImpatient } = this.#turns[this.#taken++] ?? NEXT;
      const [{ taker, go }] = this.#waiting.splice(wait % this.#waiting.length, 1) as [
        { taker: TurnTaking; go: () => void },
      ];
      this.#busy.add(taker);
      go();
      if (isImpatient) await setImmediate();
      else await this.#untilDone(taker);
    }
    this.#isDriving = false;
  }

  /** Requests come by sockets in any order; what comes first must not depend on it. */
  async #gather(): Promise<void> {
    if (this.#hasGathered) return;
    this.#hasGathered = true;
    if (this.#waiting.length < this.#expected) {
      const giveUp = new AbortController();
      const gathered = new Promise<void>((resolve) => (this.#onGathered = resolve));
      const { signal } = giveUp;
      await Promise.race([
        gathered,
        setTimeout(GATHERING_MS, undefined, { signal }).catch(() => {}),
      ]);
      giveUp.abort();
    }
    this.#waiting.sort((left, right) => left.taker.rank - right.taker.rank);
  }

  async #untilDone(taker: TurnTaking): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let round = 0; this.#busy.has(taker); round += 1) {
      if (round >= PATIENCE_ROUNDS && performance.now() >= untilMs) return;
      await setImmediate();
    }
  }
}
