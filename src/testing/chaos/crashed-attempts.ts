import type { WatchedAttempt } from './watched-attempt.js';

/** For how long, in real milliseconds, nothing may go on before the locks of the crashed are given back. */
const STALLED_MS = 50;

/**
 * Attempts that have crashed stand still, as if their process were gone. What a dead process holds is given
 * back, such as a row lock when its connection breaks; so when the others come no further, the crashed come
 * to their end and free what they hold.
 */
export class CrashedAttempts {
  readonly #attempts = new Set<WatchedAttempt>();
  #timer: NodeJS.Timeout | undefined;

  add(attempt: WatchedAttempt): void {
    this.#attempts.add(attempt);
    this.onProgress();
  }

  /** Something goes on. */
  onProgress(): void {
    clearTimeout(this.#timer);
    if (this.#attempts.size === 0) return;
    this.#timer = setTimeout(() => this.thaw(), STALLED_MS);
  }

  thaw(): void {
    clearTimeout(this.#timer);
    this.#attempts.forEach((attempt) => attempt.thaw());
    this.#attempts.clear();
  }
}
