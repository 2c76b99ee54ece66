/** So many are worth a flight of their own beside another one. */
const FULL_ITEMS = 32;
/** How long what waits may wait for more while another flight is under way. */
const MAX_WAIT_MS = 5;

/**
 * Brings together what is added at the same time. A batch leaves at once when none is under way; beside
 * others, of which there are fewer than `maxFlights`, when it is worth it or has waited long enough.
 */
export class Coalescer<T> {
  readonly #waiting: T[] = [];
  #flights = 0;
  #isScheduled = false;
  #waitTimer: NodeJS.Timeout | undefined;
  readonly #onIdle: (() => void)[] = [];

  constructor(
    private readonly options: {
      readonly maxFlights: number;
      readonly maxItems: number;
      readonly maxBytes?: number;
      readonly bytesOf?: (item: T) => number;
      /** Never rejects. */
      readonly flush: (items: readonly T[]) => Promise<void>;
    },
  ) {}

  add(item: T): void {
    this.#waiting.push(item);
    // Not at the end of the turn: a turn with many requests is long, and the flight goes on meanwhile.
    if (this.#waiting.length >= FULL_ITEMS && this.#flights < this.options.maxFlights)
      this.#leave();
    else this.#schedule();
  }

  /** Takes out what waits and is no longer wanted. */
  remove(isUnwanted: (item: T) => boolean): readonly T[] {
    const all = this.#waiting.splice(0);
    this.#waiting.push(...all.filter((item) => !isUnwanted(item)));
    return all.filter(isUnwanted);
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#flights === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #schedule(): void {
    if (this.#waiting.length === 0 || this.#flights >= this.options.maxFlights) return;
    if (this.#flights === 0) this.#leaveAfterTurn();
    else this.#waitTimer ??= setTimeout(() => this.#leave(), MAX_WAIT_MS);
  }

  /** What else arrives in this turn of the event loop goes with it. */
  #leaveAfterTurn(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#flights === 0) this.#leave();
    });
  }

  #leave(): void {
    clearTimeout(this.#waitTimer);
    this.#waitTimer = undefined;
    if (this.#waiting.length > 0) void this.#fly(this.#takeBatch());
    else if (this.#flights === 0) this.#land();
    this.#schedule();
  }

  async #fly(items: readonly T[]): Promise<void> {
    this.#flights += 1;
    await this.options.flush(items);
    this.#flights -= 1;
    if (this.#waiting.length === 0 && this.#flights === 0) this.#land();
    else if (this.#waiting.length >= FULL_ITEMS) this.#leave();
    else this.#schedule();
  }

  #land(): void {
    this.#onIdle.splice(0).forEach((resume) => resume());
  }

  #takeBatch(): T[] {
    const { maxItems, maxBytes = Infinity, bytesOf = () => 0 } = this.options;
    let bytes = 0;
    let count = 0;
    for (const item of this.#waiting) {
      bytes += bytesOf(item);
      // One item may be larger than a batch.
      if (count > 0 && (count === maxItems || bytes > maxBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
