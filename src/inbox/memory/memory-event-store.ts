import type { EventKey } from '../webhook-event.interface.js';
import { keyOf } from './memory-event.js';
import type { MemoryEvent } from './memory-event.js';

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
  readonly #busy = new Map<string, MemoryEvent>();
  readonly #resting = new Map<string, MemoryEvent>();
  readonly #failed = new Map<string, number>();
  #failedBodyBytes = 0;

  constructor(private readonly bounds: MemoryBounds) {}

  find(eventKey: EventKey): MemoryEvent | undefined {
    const key = keyOf(eventKey);
    return this.#busy.get(key) ?? this.#resting.get(key);
  }

  /** To be called whenever an event has begun or ended to have something to run. */
  place(event: MemoryEvent, nowMs: number): void {
    this.#forgetBodies(event.key);
    if (!event.isResting) {
      this.#resting.delete(event.key);
      this.#busy.set(event.key, event);
      return;
    }

    event.restedAtMs = nowMs;
    this.#busy.delete(event.key);
    this.#resting.delete(event.key);
    this.#resting.set(event.key, event);
    this.#rememberBodies(event);
    this.#prune(nowMs);
  }

  #prune(nowMs: number): void {
    for (const [key, event] of this.#resting) {
      const isOld = event.restedAtMs < nowMs - this.bounds.maxAgeMs;
      if (!isOld && this.#resting.size <= this.bounds.maxEvents) break;
      this.#resting.delete(key);
      this.#forgetBodies(key);
    }
    for (const key of this.#failed.keys()) {
      if (this.#failedBodyBytes <= this.bounds.maxBodyBytes) break;
      this.#resting.get(key)?.dropBodies();
      this.#forgetBodies(key);
    }
  }

  #rememberBodies(event: MemoryEvent): void {
    const bytes = event.failedBodyBytes();
    if (bytes === 0) return;
    this.#failed.set(event.key, bytes);
    this.#failedBodyBytes += bytes;
  }

  #forgetBodies(key: string): void {
    this.#failedBodyBytes -= this.#failed.get(key) ?? 0;
    this.#failed.delete(key);
  }
}
