/** Fewer than this are not worth a flight of their own beside another. */
const MIN_SHARE = 16;

/**
 * Brings together what is added at the same time: a batch leaves when fewer than `maxFlights` are under
 * way, and what is added until then waits for the next one. Nothing waits for a timer.
 */
export class Coalescer<T> {
  readonly #waiting: T[] = [];
  #flights = 0;
  #isScheduled = false;
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
    this.#schedule();
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

  /** What else arrives in this turn of the event loop goes with it. */
  #schedule(): void {
    if (this.#isScheduled || this.#flights >= this.options.maxFlights) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) void this.#fly(this.#takeBatch());
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  async #fly(items: readonly T[]): Promise<void> {
    this.#flights += 1;
    await this.options.flush(items);
    this.#flights -= 1;
    if (this.#waiting.length > 0) this.#schedule();
    else if (this.#flights === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  #takeBatch(): T[] {
    const { maxFlights, maxBytes = Infinity, bytesOf = () => 0 } = this.options;
    // What waits is shared among the free flights, so that one does not wait while the other works.
    const share = Math.ceil(this.#waiting.length / Math.max(maxFlights - this.#flights, 1));
    const maxItems = Math.min(Math.max(share, MIN_SHARE), this.options.maxItems);
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
