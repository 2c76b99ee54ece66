import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import type { Acceptance, Arrival } from '../inbox/webhook-engine.interface.js';
import { Coalescer } from './coalescer.js';
import { isAboutRow } from './sql-errors.js';

const MAX_FLIGHTS = 2;
const MAX_BATCH_ROWS = 128;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 10;

export interface BatcherOptions {
  readonly store: (arrivals: readonly Arrival[]) => Promise<readonly Acceptance[]>;
  /** How long an arrival may wait to be stored. */
  readonly timeoutMs: number;
  /** How many arrivals, and how many bytes of them, wait at most. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
}

interface Waiting {
  readonly arrival: Arrival;
  readonly resolve: (acceptance: Acceptance) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores together what arrives together; each arrival is answered when its batch has committed. */
export class ArrivalBatcher {
  readonly #options: BatcherOptions;
  readonly #coalescer: Coalescer<Waiting>;
  #count = 0;
  #bytes = 0;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#coalescer = new Coalescer({
      maxFlights: MAX_FLIGHTS,
      maxItems: MAX_BATCH_ROWS,
      maxBytes: MAX_BATCH_BYTES,
      bytesOf: ({ arrival }) => arrival.event.rawBody.length,
      flush: (batch) => this.#store(batch),
    });
  }

  /** @throws InboxUnavailableError where it cannot be stored now, or not in time. */
  async accept(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    const bytes = arrivals.reduce((sum, { event }) => sum + event.rawBody.length, 0);
    this.#assertRoom(arrivals.length, bytes);
    this.#count += arrivals.length;
    this.#bytes += bytes;
    const accepting = Promise.all(arrivals.map((arrival) => this.#add(arrival)));
    try {
      return await this.#inTime(accepting, arrivals);
    } finally {
      this.#count -= arrivals.length;
      this.#bytes -= bytes;
    }
  }

  /** Resolves when everything that was accepted has its answer. */
  idle(): Promise<void> {
    return this.#coalescer.idle();
  }

  #add(arrival: Arrival): Promise<Acceptance> {
    return new Promise((resolve, reject) => this.#coalescer.add({ arrival, resolve, reject }));
  }

  #assertRoom(count: number, bytes: number): void {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    if (this.#count === 0) return;
    if (this.#count + count <= maxWaiting && this.#bytes + bytes <= maxWaitingBytes) return;
    throw new InboxUnavailableError('Too many events wait to be stored.', RETRY_AFTER_SECONDS);
  }

  /** What is given up while it waits leaves the queue; what is under way may still be stored. */
  #inTime<T>(accepting: Promise<T>, arrivals: readonly Arrival[]): Promise<T> {
    const { timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#coalescer.remove(({ arrival }) => arrivals.includes(arrival));
        const message = `The event could not be stored within ${timeoutMs} ms.`;
        reject(new InboxUnavailableError(message, RETRY_AFTER_SECONDS));
      }, timeoutMs);
      accepting.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      const acceptances = await this.#options.store(batch.map(({ arrival }) => arrival));
      batch.forEach(({ resolve }, index) => resolve(acceptances[index]!));
    } catch (error) {
      if (isAboutRow(error) && batch.length > 1) return this.#storeHalves(batch);
      const unavailable = new InboxUnavailableError(
        'The database could not store the event.',
        RETRY_AFTER_SECONDS,
        { cause: error },
      );
      batch.forEach(({ reject }) => reject(unavailable));
    }
  }

  /** A row that cannot be stored is found by halves, so that its neighbours are. */
  async #storeHalves(batch: readonly Waiting[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#store(batch.slice(0, middle));
    await this.#store(batch.slice(middle));
  }
}
