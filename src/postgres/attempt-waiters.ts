import type { Delivery, StoredEvent } from '../inbox/delivery.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { keyOf } from './event-key.js';
import type { EventStore } from './event-store.js';
import type { Pauses } from './pauses.js';

/** Another process may run what someone here waits for. */
const POLL_MS = 500;

interface Waiter {
  readonly key: EventKey;
  readonly resolve: (event: StoredEvent | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Who waits until the deliveries of an event have been attempted. */
export class AttemptWaiters {
  readonly #waiters = new Map<string, Set<Waiter>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly pauses: Pauses,
  ) {}

  /** Resolves when none of the event's deliveries is pending or running. */
  wait(key: EventKey): Promise<StoredEvent | undefined> {
    return new Promise((resolve, reject) => {
      const waiter = { key, resolve, reject };
      const others = this.#waiters.get(keyOf(key));
      if (others) others.add(waiter);
      else this.#waiters.set(keyOf(key), new Set([waiter]));
      this.#timer ??= setInterval(() => void this.#check(this.#all()), POLL_MS);
      void this.#check([waiter]);
    });
  }

  /** Some deliveries of these events have been settled. */
  async onSettled(keys: readonly EventKey[]): Promise<void> {
    const ids = new Set(keys.map(keyOf));
    await this.#check([...ids].flatMap((id) => [...(this.#waiters.get(id) ?? [])]));
  }

  /** Nothing is attempted here any more: they get the events as they stand. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#check(this.#all());
  }

  #all(): Waiter[] {
    return [...this.#waiters.values()].flatMap((waiters) => [...waiters]);
  }

  /** Answers those alone who waited before it looked. */
  async #check(waiters: readonly Waiter[]): Promise<void> {
    if (waiters.length === 0) return;
    const isLast = this.#isStopped;
    try {
      const events = await this.store.find(waiters.map(({ key }) => key));
      const paused = new Set(await this.pauses.list());
      for (const waiter of waiters) {
        const event = events.get(keyOf(waiter.key));
        const isAttempted = !event || event.deliveries.every((each) => isAtRest(each, paused));
        if (isAttempted || isLast) this.#leave(waiter)?.resolve(event);
      }
    } catch (error) {
      for (const waiter of waiters) this.#leave(waiter)?.reject(error);
    }
  }

  #leave(waiter: Waiter): Waiter | undefined {
    const others = this.#waiters.get(keyOf(waiter.key));
    if (!others?.delete(waiter)) return undefined;
    if (others.size === 0) this.#waiters.delete(keyOf(waiter.key));
    if (this.#waiters.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return waiter;
  }
}

/** What is paused is not waited for. */
function isAtRest({ status, handler }: Delivery, paused: ReadonlySet<string>): boolean {
  return status === 'pending' ? paused.has(handler) : status !== 'running';
}
