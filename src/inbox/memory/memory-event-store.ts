import type { EventKey } from '../webhook-event.interface.js';
import { LinkedQueue } from './linked-queue.js';
import type { QueueNode } from './linked-queue.js';
import { keyOf } from './memory-event.js';
import type { MemoryEvent } from './memory-event.js';

export interface MemoryBounds {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
  readonly maxBodyBytes: number;
}

/** An event, and its places among those that may be forgotten. */
interface Entry {
  readonly event: MemoryEvent;
  /** Set while it is at rest. */
  resting: QueueNode<Entry> | undefined;
  restedAtMs: number;
  /** Set while bodies are kept for its failed deliveries. */
  failed: QueueNode<Entry> | undefined;
  bodyBytes: number;
}

/**
 * The events of the memory engine. Those with something to run are kept as long as it takes; those at
 * rest are kept within the bounds, oldest first to go.
 */
export class MemoryEventStore {
  readonly #entries = new Map<string, Entry>();
  readonly #resting = new LinkedQueue<Entry>();
  readonly #failed = new LinkedQueue<Entry>();
  #bodyBytes = 0;

  constructor(private readonly bounds: MemoryBounds) {}

  find(key: EventKey): MemoryEvent | undefined {
    return this.#entries.get(keyOf(key))?.event;
  }

  /** To be called whenever an event has begun or ended to have something to run. */
  place(event: MemoryEvent, nowMs: number): void {
    const entry = this.#entryOf(event);
    this.#leaveQueues(entry);
    if (!event.isResting) return;

    entry.resting = this.#resting.push(entry);
    entry.restedAtMs = nowMs;
    entry.bodyBytes = event.failedBodyBytes();
    if (entry.bodyBytes > 0) {
      entry.failed = this.#failed.push(entry);
      this.#bodyBytes += entry.bodyBytes;
    }
    this.#prune(nowMs);
  }

  #entryOf(event: MemoryEvent): Entry {
    const known = this.#entries.get(event.key);
    if (known) return known;
    const entry: Entry = {
      event,
      resting: undefined,
      restedAtMs: 0,
      failed: undefined,
      bodyBytes: 0,
    };
    this.#entries.set(event.key, entry);
    return entry;
  }

  #prune(nowMs: number): void {
    const { maxEvents, maxAgeMs, maxBodyBytes } = this.bounds;
    for (let oldest = this.#resting.first; oldest; oldest = this.#resting.first) {
      const isOld = oldest.restedAtMs < nowMs - maxAgeMs;
      if (!isOld && this.#resting.size <= maxEvents) break;
      this.#leaveQueues(oldest);
      this.#entries.delete(oldest.event.key);
    }
    for (let oldest = this.#failed.first; oldest; oldest = this.#failed.first) {
      if (this.#bodyBytes <= maxBodyBytes) break;
      oldest.event.dropBodies();
      this.#leaveFailed(oldest);
    }
  }

  #leaveQueues(entry: Entry): void {
    if (entry.resting) this.#resting.remove(entry.resting);
    entry.resting = undefined;
    this.#leaveFailed(entry);
  }

  #leaveFailed(entry: Entry): void {
    if (!entry.failed) return;
    this.#failed.remove(entry.failed);
    this.#bodyBytes -= entry.bodyBytes;
    entry.failed = undefined;
  }
}
