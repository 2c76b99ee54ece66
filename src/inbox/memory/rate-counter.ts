const SECONDS = 60;

/** Counts what happened in the last sixty seconds, in a fixed space. */
export class RateCounter {
  readonly #counts = new Array<number>(SECONDS).fill(0);
  #lastSecond = 0;

  add(nowMs: number): void {
    this.#moveTo(nowMs);
    this.#counts[this.#lastSecond % SECONDS]! += 1;
  }

  lastMinute(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  #moveTo(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second <= this.#lastSecond) return;
    const from = Math.max(this.#lastSecond + 1, second - SECONDS + 1);
    for (let each = from; each <= second; each++) this.#counts[each % SECONDS] = 0;
    this.#lastSecond = second;
  }
}
