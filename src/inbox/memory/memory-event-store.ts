import type { EventKey } from '../webhook-event.interface.js';
import { LinkedQueue } from './linked-queue.js';
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
  /** By source and id: a key made of both would be hashed anew for each look-up. */
  readonly #bySource = new Map<string, Map<string, MemoryEvent>>();
  readonly #resting = new LinkedQueue<MemoryEvent>();
  readonly #withBodies = new LinkedQueue<MemoryEvent>();
  #bodyBytes = 0;

  constructor(
    private readonly bounds: MemoryBounds,
    private readonly changes: ChangeClaims,
  ) {}

  /** In the order in which they were stored. */
  values(): MemoryEvent[] {
    const events = [...this.#bySource.values()].flatMap((ofSource) => [...ofSource.values()]);
    return events.sort((left, right) => left.sequence - right.sequence);
  }

  find({ source, id }: EventKey): MemoryEvent | undefined {
    return this.#bySource.get(source)?.get(id);
  }

  add(event: MemoryEvent): void {
    const { source, id } = event.facts;
    const ofSource = this.#bySource.get(source);
    if (ofSource) ofSource.set(id, event);
    else this.#bySource.set(source, new Map([[id, event]]));
  }

  /** To be called when an event was added, and whenever it has begun or ended to have something to run. */
  place(event: MemoryEvent, nowMs: number): void {
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
    this.#bySource.get(event.facts.source)?.delete(event.facts.id);
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
