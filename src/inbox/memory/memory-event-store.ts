import type { EventKey } from '../webhook-event.interface.js';
import { LinkedQueue } from './linked-queue.js';
import { keyOf } from './memory-event.js';
import type { ChangeClaims, MemoryEvent } from './memory-event.js';

export interface MemoryBounds {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
  readonly maxBodyBytes: number;
}

/**
 * The events of the memory engine. Those with something to run are kept as long as it takes; those at
 * rest are kept within the bounds, oldest first to go.
 */
export class MemoryEventStore {
  readonly #events = new Map<string, MemoryEvent>();
  readonly #resting = new LinkedQueue<MemoryEvent>();
  readonly #withBodies = new LinkedQueue<MemoryEvent>();
  #bodyBytes = 0;

  constructor(
    private readonly bounds: MemoryBounds,
    private readonly changes: ChangeClaims,
  ) {}

  /** In the order in which they were stored. */
  values(): Iterable<MemoryEvent> {
    return this.#events.values();
  }

  find(key: EventKey): MemoryEvent | undefined {
    return this.#events.get(keyOf(key));
  }

  /** To be called when an event is new, and whenever it has begun or ended to have something to run. */
  place(event: MemoryEvent, nowMs: number): void {
    this.#events.set(event.key, event);
    this.#leaveQueues(event);
    if (!event.isResting) return;

    event.restedAtMs = nowMs;
    event.restingPlace = this.#resting.push(event);
    event.keptBodyBytes = event.bodyBytes();
    if (event.keptBodyBytes > 0) {
      event.bodyPlace = this.#withBodies.push(event);
      this.#bodyBytes += event.keptBodyBytes;
    }
    this.#prune(nowMs);
  }

  forget(event: MemoryEvent): void {
    this.#leaveQueues(event);
    this.#events.delete(event.key);
    event.forget(this.changes);
  }

  dropBodies(event: MemoryEvent): void {
    event.dropBodies();
    this.#leaveBodies(event);
  }

  #prune(nowMs: number): void {
    const { maxEvents, maxAgeMs, maxBodyBytes } = this.bounds;
    for (let oldest = this.#resting.first; oldest; oldest = this.#resting.first) {
      const isOld = oldest.restedAtMs < nowMs - maxAgeMs;
      if (!isOld && this.#resting.size <= maxEvents) break;
      this.forget(oldest);
    }
    for (let oldest = this.#withBodies.first; oldest; oldest = this.#withBodies.first) {
      if (this.#bodyBytes <= maxBodyBytes) break;
      this.dropBodies(oldest);
    }
  }

  #leaveQueues(event: MemoryEvent): void {
    if (event.restingPlace) this.#resting.remove(event.restingPlace);
    event.restingPlace = undefined;
    this.#leaveBodies(event);
  }

  #leaveBodies(event: MemoryEvent): void {
    if (!event.bodyPlace) return;
    this.#withBodies.remove(event.bodyPlace);
    this.#bodyBytes -= event.keptBodyBytes;
    event.bodyPlace = undefined;
  }
}
