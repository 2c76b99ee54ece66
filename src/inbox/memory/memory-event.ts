import type { StoredEvent } from '../delivery.interface.js';
import { wasTurnedAway } from '../delivery.interface.js';
import type { Arrival, Outcome, WantedDelivery } from '../webhook-engine.interface.js';
import type { WebhookEvent } from '../webhook-event.interface.js';
import { keepOutcome, keepSettled, startAnew, toDelivery } from './delivery-state.js';
import type { DeliveryState } from './delivery-state.js';
import { factsOf, storedEvent } from './event-facts.js';
import type { EventFacts } from './event-facts.js';
import type { QueueNode } from './linked-queue.js';

/** A delivery in memory, with the event that it is of. */
export interface MemoryDelivery extends DeliveryState {
  readonly owner: MemoryEvent;
}

const NO_DELIVERIES: readonly MemoryDelivery[] = [];
const NO_WAITERS: readonly ((event: StoredEvent) => void)[] = [];

/** Who has which change; see `MemoryChanges`. */
export interface ChangeClaims {
  claim(delivery: MemoryDelivery): string | undefined;
  forget(delivery: MemoryDelivery): void;
}

/** An event, its deliveries, and who waits for them. */
export class MemoryEvent {
  readonly facts: EventFacts;
  /** The event as it came first, where bodies are kept for replays. */
  #received: WebhookEvent | undefined;
  #deliveries: readonly MemoryDelivery[] = NO_DELIVERIES;
  #unattempted = 0;
  #waiters: readonly ((event: StoredEvent) => void)[] = NO_WAITERS;

  /** For the store: where it stands among those at rest, since when, and what its bodies take. */
  restingPlace: QueueNode<MemoryEvent> | undefined;
  restedAtMs = 0;
  bodyPlace: QueueNode<MemoryEvent> | undefined;
  keptBodyBytes = 0;

  /** @param sequence Its place among all events. */
  constructor(
    event: WebhookEvent,
    readonly sequence: number,
    readonly keepsBodies: boolean,
  ) {
    this.facts = factsOf(event);
    this.#received = keepsBodies ? { ...event, payload: undefined } : undefined;
  }

  get deliveries(): readonly MemoryDelivery[] {
    return this.#deliveries;
  }

  /** The event as it came first; undefined where its body is not kept. */
  get received(): WebhookEvent | undefined {
    return this.#received ?? this.#deliveries.find(({ event }) => event)?.event;
  }

  /** Nothing of it is pending or running. */
  get isResting(): boolean {
    return this.#unattempted === 0;
  }

  /** Takes an arrival, the first or a repeated one, and gives the deliveries that are due by it. */
  take({ event, deliveries }: Arrival, changes: ChangeClaims, nowMs: number): MemoryDelivery[] {
    const due: MemoryDelivery[] = [];
    for (const wanted of deliveries) {
      const index = this.#deliveries.findIndex((each) => each.wanted.handler === wanted.handler);
      const known = this.#deliveries[index];
      if (known && (!wasTurnedAway(known) || wanted.skipReason !== undefined)) continue;
      const delivery = createDelivery(this, event, wanted);
      if (known) {
        changes.forget(known);
        this.#deliveries = this.#deliveries.with(index, delivery);
      } else this.#add(delivery);
      if (wanted.settled) {
        keepSettled(delivery, wanted.settled);
        this.dropBody(delivery);
        continue;
      }
      if (wanted.skipReason === undefined) delivery.reason = changes.claim(delivery);
      if (delivery.reason === undefined) due.push(delivery);
      else delivery.status = 'skipped';
    }

    this.#retryFailed(event, nowMs, due);
    this.#unattempted += due.length;
    return due;
  }

  /** Whether a failed delivery is due now. */
  retry(delivery: MemoryDelivery): boolean {
    return delivery.status === 'failed' && this.#makeDue(delivery);
  }

  /** Gives the delivery that a replay has made pending, or skipped for its change; undefined for none. */
  replay(wanted: WantedDelivery, changes: ChangeClaims): MemoryDelivery | undefined {
    const known = this.#deliveries.find((each) => each.wanted.handler === wanted.handler);
    const received = this.#received;
    if (!known && !received) return undefined;
    const delivery = known ?? createDelivery(this, received!, wanted);
    if (delivery !== known) this.#add(delivery);
    else if (known.status === 'pending' || known.status === 'running') return undefined;
    if (!delivery.event) return undefined;
    const isForChange = wasTurnedAway(delivery) && delivery.wanted.skipReason === undefined;
    // A filter that turned it away did not say how it runs.
    if (delivery.wanted.skipReason !== undefined) delivery.wanted = wanted;
    // Who replays what was turned away for its change wants it all the same.
    const reason = isForChange ? undefined : changes.claim(delivery);
    startAnew(delivery, reason);
    if (reason === undefined) this.#makeDue(delivery);
    else delivery.status = 'skipped';
    return delivery;
  }

  /** The delivery is not going to run until its handler is resumed. */
  park(): void {
    this.#unattempted -= 1;
    this.#tellWaiters();
  }

  /** Whether a delivery that was parked is due again; without its body it waits for the sender. */
  unpark(delivery: MemoryDelivery): boolean {
    delivery.status = 'failed';
    return this.#makeDue(delivery);
  }

  settle(delivery: MemoryDelivery, outcome: Outcome): void {
    keepOutcome(delivery, outcome, this.keepsBodies);
    this.#unattempted -= 1;
    this.#tellWaiters();
  }

  /** Gives a delivery that was turned away for another's change the change. Whether it is due now. */
  inherit(delivery: MemoryDelivery): boolean {
    delivery.reason = undefined;
    delivery.status = 'failed';
    return this.#makeDue(delivery);
  }

  forget(changes: ChangeClaims): void {
    for (const delivery of this.#deliveries) changes.forget(delivery);
  }

  /** Resolves when nothing of it is pending or running. */
  attempted(): Promise<StoredEvent> {
    if (this.isResting) return Promise.resolve(this.toStoredEvent());
    return new Promise((resolve) => (this.#waiters = this.#waiters.concat(resolve)));
  }

  /** How many bytes of bodies it holds on to, each body once. */
  bodyBytes(): number {
    if (!this.received) return 0;
    const bodies = new Set(this.#deliveries.map(({ event }) => event?.rawBody));
    bodies.add(this.#received?.rawBody);
    let bytes = 0;
    for (const body of bodies) bytes += body?.length ?? 0;
    return bytes;
  }

  /** Its body will not be needed for a run. */
  dropBody(delivery: MemoryDelivery): void {
    if (!this.keepsBodies) delivery.event = undefined;
  }

  dropBodies(): void {
    this.#received = undefined;
    for (const delivery of this.#deliveries) delivery.event = undefined;
  }

  toStoredEvent(): StoredEvent {
    return storedEvent(this.facts, this.#deliveries.map(toDelivery));
  }

  /** A copy each time, which is as long as it needs to be: an array that grows has room for sixteen more. */
  #add(delivery: MemoryDelivery): void {
    this.#deliveries = this.#deliveries.concat(delivery);
  }

  /** Adds those that are due by a repeat to these. */
  #retryFailed(event: WebhookEvent, nowMs: number, due: MemoryDelivery[]): void {
    for (const delivery of this.#deliveries) {
      if (delivery.status !== 'failed') continue;
      if (delivery.retryAt && delivery.retryAt.getTime() > nowMs) continue;
      if (delivery.endpoint === event.endpoint) delivery.event = event;
      if (!delivery.event) continue;
      delivery.status = 'pending';
      due.push(delivery);
    }
  }

  #makeDue(delivery: MemoryDelivery): boolean {
    if (!delivery.event) return false;
    delivery.status = 'pending';
    this.#unattempted += 1;
    return true;
  }

  #tellWaiters(): void {
    if (!this.isResting) return;
    const waiters = this.#waiters;
    this.#waiters = NO_WAITERS;
    for (const resume of waiters) resume(this.toStoredEvent());
  }
}

function createDelivery(
  owner: MemoryEvent,
  event: WebhookEvent,
  wanted: WantedDelivery,
): MemoryDelivery {
  return {
    owner,
    wanted,
    endpoint: event.endpoint,
    event: wanted.skipReason === undefined || owner.keepsBodies ? event : undefined,
    status: 'pending',
    attempts: 0,
    replays: 0,
    reason: wanted.skipReason,
    error: undefined,
    retryAt: undefined,
  };
}
