import type { Clock } from '../clock.js';
import { LinkedQueue } from './linked-queue.js';
import type { MemoryDelivery } from './memory-event.js';

/** A delivery to run, and those that its run stands for. */
export interface Turn {
  readonly delivery: MemoryDelivery;
  readonly followers: readonly MemoryDelivery[];
}

const NONE: readonly MemoryDelivery[] = [];

/** The deliveries that wait to be run: for a free worker, for their lane, or for the end of their burst. */
export class DueDeliveries {
  readonly #ready = new LinkedQueue<MemoryDelivery>();
  /** The lanes that are taken, each with those that wait for it. */
  readonly #lanes = new Map<string, LinkedQueue<MemoryDelivery>>();
  /** Deliveries of one handler and lane that one run may stand for, each with how to take it out of here. */
  readonly #bursts = new Map<string, Map<MemoryDelivery, () => void>>();
  /** Those that wait for the end of their burst. */
  readonly #timed = new Set<MemoryDelivery>();
  #isStopped = false;
  #bodyBytes = 0;

  constructor(
    private readonly setTimer: Clock['setTimer'],
    /** Called when a delivery has become ready without a call. */
    private readonly onReady: () => void,
  ) {}

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  add(delivery: MemoryDelivery): void {
    this.#bodyBytes += bodyBytesOf(delivery);
    const { coalesceMs } = delivery.wanted;
    if (coalesceMs === undefined || this.#isStopped) this.#queue(delivery);
    else this.#startBurst(delivery, coalesceMs);
  }

  /** Puts one back that another's run did not stand for. It has waited for its burst. */
  putBack(delivery: MemoryDelivery): void {
    this.#bodyBytes += bodyBytesOf(delivery);
    this.#queue(delivery);
  }

  /** Takes the next one out. Its lane is taken until `leaveLane`. */
  next(): Turn | undefined {
    const delivery = this.#ready.shift();
    if (!delivery) return undefined;
    this.#bodyBytes -= bodyBytesOf(delivery);
    if (delivery.wanted.coalesceMs === undefined) return { delivery, followers: NONE };
    return { delivery, followers: this.#takeBurst(delivery) };
  }

  leaveLane(delivery: MemoryDelivery): void {
    if (delivery.wanted.lane === undefined) return;
    const lane = laneOf(delivery);
    const following = this.#lanes.get(lane)!.shift();
    if (following) this.#push(this.#ready, following);
    else this.#lanes.delete(lane);
  }

  start(): void {
    this.#isStopped = false;
  }

  /** Ends the timers, and starts none. What waited for the end of its burst is due when it starts again. */
  stop(): void {
    this.#isStopped = true;
    for (const delivery of [...this.#timed]) {
      this.#burstOf(delivery).get(delivery)!();
      this.#queue(delivery);
    }
  }

  #startBurst(delivery: MemoryDelivery, coalesceMs: number): void {
    const burst = this.#burstOf(delivery);
    const endBurst = (): void => {
      this.#timed.delete(delivery);
      this.#queue(delivery);
      this.onReady();
    };
    const cancelTimer = this.setTimer(endBurst, coalesceMs);
    this.#timed.add(delivery);
    burst.set(delivery, () => {
      this.#timed.delete(delivery);
      cancelTimer();
    });
  }

  #queue(delivery: MemoryDelivery): void {
    const isInLane = delivery.wanted.lane !== undefined;
    this.#push(isInLane ? this.#enterLane(laneOf(delivery)) : this.#ready, delivery);
  }

  /** Gives the queue to wait in: a free lane is taken. */
  #enterLane(lane: string): LinkedQueue<MemoryDelivery> {
    const waiting = this.#lanes.get(lane);
    if (waiting) return waiting;
    this.#lanes.set(lane, new LinkedQueue());
    return this.#ready;
  }

  #push(queue: LinkedQueue<MemoryDelivery>, delivery: MemoryDelivery): void {
    const node = queue.push(delivery);
    if (delivery.wanted.coalesceMs === undefined) return;
    this.#burstOf(delivery).set(delivery, () => queue.remove(node));
  }

  #burstOf(delivery: MemoryDelivery): Map<MemoryDelivery, () => void> {
    const key = burstKeyOf(delivery);
    const burst = this.#bursts.get(key) ?? new Map<MemoryDelivery, () => void>();
    this.#bursts.set(key, burst);
    return burst;
  }

  #takeBurst(delivery: MemoryDelivery): readonly MemoryDelivery[] {
    const burst = this.#burstOf(delivery);
    this.#bursts.delete(burstKeyOf(delivery));
    burst.delete(delivery);
    for (const [follower, leave] of burst) {
      leave();
      this.#bodyBytes -= bodyBytesOf(follower);
    }
    return [...burst.keys()];
  }
}

function bodyBytesOf({ event }: MemoryDelivery): number {
  return event!.rawBody.length;
}

function laneOf({ owner, wanted }: MemoryDelivery): string {
  return `${owner.facts.source}\n${wanted.lane}`;
}

function burstKeyOf(delivery: MemoryDelivery): string {
  return `${laneOf(delivery)}\n${delivery.wanted.handler}`;
}
