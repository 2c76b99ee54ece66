import type { StoredEvent } from '../inbox/delivery.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { Coalescer } from './coalescer.js';
import { keyOf } from './event-key.js';

const MAX_FLIGHTS = 4;
const MAX_KEYS = 128;

interface Waiting {
  readonly key: EventKey;
  readonly resolve: (found: StoredEvent | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Looks up by one statement what is asked for at the same time. */
export class EventLookup {
  readonly #coalescer: Coalescer<Waiting>;

  constructor(
    private readonly findAll: (keys: readonly EventKey[]) => Promise<Map<string, StoredEvent>>,
  ) {
    this.#coalescer = new Coalescer({
      maxFlights: MAX_FLIGHTS,
      maxItems: MAX_KEYS,
      flush: (batch) => this.#answer(batch),
    });
  }

  /** @throws The database's error. */
  find(key: EventKey): Promise<StoredEvent | undefined> {
    return new Promise((resolve, reject) => this.#coalescer.add({ key, resolve, reject }));
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const found = await this.findAll(batch.map(({ key }) => key));
      for (const { key, resolve } of batch) resolve(found.get(keyOf(key)));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
