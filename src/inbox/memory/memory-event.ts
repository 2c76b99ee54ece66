import type { Delivery, DeliveryStatus, KeptError, StoredEvent } from '../delivery.interface.js';
import type { Arrival, Outcome, WantedDelivery } from '../webhook-engine.interface.js';
import type { EventKey, WebhookEvent } from '../webhook-event.interface.js';
import type { QueueNode } from './linked-queue.js';

/** A delivery in memory. It holds on to its event, body included, only while it may have to run. */
export interface MemoryDelivery {
  readonly owner: MemoryEvent;
  readonly handler: string;
  readonly endpoint: string;
  event: WebhookEvent | undefined;
  status: DeliveryStatus;
  attempts: number;
  reason: string | undefined;
  error: KeptError | undefined;
  retryAt: Date | undefined;
}

/** An event, its deliveries, and who waits for them. */
export class MemoryEvent {
  readonly key: string;
  readonly #source: string;
  readonly #id: string;
  readonly #type: string;
  readonly #endpoint: string;
  readonly #receivedAtMs: number;
  #deliveries: MemoryDelivery[] = [];
  #unattempted = 0;
  readonly #waiters: ((event: StoredEvent) => void)[] = [];

  /** For the store: where it stands among those at rest, since when, and what its failed bodies take. */
  restingPlace: QueueNode<MemoryEvent> | undefined;
  restedAtMs = 0;
  failedPlace: QueueNode<MemoryEvent> | undefined;
  keptBodyBytes = 0;

  constructor(event: WebhookEvent) {
    this.key = keyOf(event);
    this.#source = event.source;
    this.#id = event.id;
    this.#type = event.type;
    this.#endpoint = event.endpoint;
    this.#receivedAtMs = event.receivedAt.getTime();
  }

  /** Nothing of it is pending or running. */
  get isResting(): boolean {
    return this.#unattempted === 0;
  }

  /** Takes an arrival, the first or a repeated one, and gives the deliveries that are due by it. */
  take({ event, deliveries }: Arrival, nowMs: number): MemoryDelivery[] {
    const due: MemoryDelivery[] = [];
    for (const wanted of deliveries) {
      const index = this.#deliveries.findIndex(({ handler }) => handler === wanted.handler);
      const known = this.#deliveries[index];
      if (known && (!wasTurnedAway(known) || wanted.skipReason !== undefined)) continue;
      const delivery = createDelivery(this, event, wanted);
      if (known) this.#deliveries[index] = delivery;
      else this.#deliveries.push(delivery);
      if (delivery.status === 'pending') due.push(delivery);
    }

    for (const delivery of this.#deliveries) {
      if (delivery.status !== 'failed') continue;
      if (delivery.retryAt && delivery.retryAt.getTime() > nowMs) continue;
      if (delivery.endpoint === event.endpoint) delivery.event = event;
      if (!delivery.event) continue;
      delivery.status = 'pending';
      due.push(delivery);
    }

    this.#unattempted += due.length;
    return due;
  }

  settle(delivery: MemoryDelivery, outcome: Outcome): void {
    const isUnknown = outcome.status === 'unknown-handler';
    delivery.status = isUnknown ? 'failed' : outcome.status;
    if (isUnknown) delivery.attempts -= 1;
    delivery.error = 'error' in outcome ? outcome.error : undefined;
    delivery.reason = outcome.status === 'skipped' ? outcome.reason : undefined;
    // Nothing here retries by itself, so a time that no handler has set says nothing.
    const isHeld = outcome.status === 'failed' && outcome.isHeld;
    delivery.retryAt = isHeld ? outcome.retryAt : undefined;
    // The next attempt parses the body again: the handler may have changed what it was given.
    const event = delivery.event!;
    delivery.event = delivery.status === 'failed' ? { ...event, payload: undefined } : undefined;

    this.#unattempted -= 1;
    if (this.isResting) {
      this.#waiters.splice(0).forEach((resume) => resume(this.toStoredEvent()));
    }
  }

  /** Resolves when nothing of it is pending or running. */
  attempted(): Promise<StoredEvent> {
    if (this.isResting) return Promise.resolve(this.toStoredEvent());
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** How many bytes of bodies it holds on to, each body once. */
  failedBodyBytes(): number {
    let bytes = 0;
    this.#deliveries.forEach(({ event }, index) => {
      const isFirst = this.#deliveries.findIndex((each) => each.event?.rawBody === event?.rawBody);
      if (event && isFirst === index) bytes += event.rawBody.length;
    });
    return bytes;
  }

  dropBodies(): void {
    for (const delivery of this.#deliveries) delivery.event = undefined;
  }

  toStoredEvent(): StoredEvent {
    return {
      source: this.#source,
      id: this.#id,
      type: this.#type,
      endpoint: this.#endpoint,
      receivedAt: new Date(this.#receivedAtMs),
      deliveries: this.#deliveries.map(toDelivery),
    };
  }
}

export function keyOf({ source, id }: EventKey): string {
  return `${source}\n${id}`;
}

function toDelivery(delivery: MemoryDelivery): Delivery {
  const { handler, endpoint, status, attempts, reason, error, retryAt } = delivery;
  const stored: { -readonly [K in keyof Delivery]: Delivery[K] } = {
    handler,
    endpoint,
    status,
    attempts,
  };
  if (reason !== undefined) stored.reason = reason;
  if (error) stored.error = error;
  if (retryAt) stored.retryAt = retryAt;
  return stored;
}

/** A filter skipped it. What its handler skipped was attempted, and stays as it is. */
function wasTurnedAway({ status, attempts }: MemoryDelivery): boolean {
  return status === 'skipped' && attempts === 0;
}

function createDelivery(
  owner: MemoryEvent,
  event: WebhookEvent,
  { handler, skipReason }: WantedDelivery,
): MemoryDelivery {
  const isSkipped = skipReason !== undefined;
  return {
    owner,
    handler,
    endpoint: event.endpoint,
    event: isSkipped ? undefined : event,
    status: isSkipped ? 'skipped' : 'pending',
    attempts: 0,
    reason: skipReason,
    error: undefined,
    retryAt: undefined,
  };
}
