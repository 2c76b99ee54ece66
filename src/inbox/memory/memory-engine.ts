import { InboxUnavailableError } from '../../errors/inbox-unavailable.error.js';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import { systemClock } from '../clock.js';
import type { StoredEvent } from '../delivery.interface.js';
import type {
  Acceptance,
  Arrival,
  ConsumeOptions,
  EngineCapabilities,
  EngineEnvironment,
  Outcome,
  RunDelivery,
  WebhookEngine,
} from '../webhook-engine.interface.js';
import type { EventKey } from '../webhook-event.interface.js';
import { DueDeliveries } from './due-deliveries.js';
import type { Turn } from './due-deliveries.js';
import { MemoryChanges } from './memory-changes.js';
import { MemoryEventStore } from './memory-event-store.js';
import type { MemoryBounds } from './memory-event-store.js';
import { MemoryEvent } from './memory-event.js';
import type { MemoryDelivery } from './memory-event.js';

export interface MemoryEngineOptions {
  /**
   * How many events are remembered after their deliveries have run; the oldest are forgotten first. An
   * event that comes again after it was forgotten runs again.
   * @default 100_000
   */
  readonly maxEvents?: number;
  /**
   * How long an event is remembered after its deliveries have run, in milliseconds.
   * @default 604_800_000 (7 days; Stripe resends for 3)
   */
  readonly maxAgeMs?: number;
  /**
   * How many bytes of bodies are kept for deliveries that failed, and again for those that wait for
   * their first run. Past it the oldest failed bodies go, and those deliveries wait until the sender
   * brings the event again by the same endpoint; while too much waits, new events are answered 503.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBodyBytes?: number;
}

const DEFAULTS: MemoryBounds = {
  maxEvents: 100_000,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxBodyBytes: 64 * 1024 * 1024,
};

const RETRY_AFTER_SECONDS = 10;

/**
 * Keeps events in this process until it exits: for a first success, for tests, and for a single
 * process whose senders resend what was not answered 200. It retries nothing by itself; the sender's
 * resend is the retry.
 *
 * @throws WebhookConfigurationError for a bound that is not a number of at least 1.
 */
export function memoryEngine(options: MemoryEngineOptions = {}): WebhookEngine {
  const bounds: MemoryBounds = {
    maxEvents: options.maxEvents ?? DEFAULTS.maxEvents,
    maxAgeMs: options.maxAgeMs ?? DEFAULTS.maxAgeMs,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULTS.maxBodyBytes,
  };
  for (const [name, value] of Object.entries(bounds)) {
    if (!(value >= 1)) {
      throw new WebhookConfigurationError(`memoryEngine: ${name} must be a number of at least 1.`);
    }
  }
  return new MemoryEngine(bounds);
}

class MemoryEngine implements WebhookEngine {
  readonly capabilities: EngineCapabilities = { survives: 'nothing' };
  readonly #bounds: MemoryBounds;
  readonly #changes = new MemoryChanges();
  readonly #events: MemoryEventStore;
  readonly #due = new DueDeliveries(
    (callback, delayMs) => this.#clock.setTimer(callback, delayMs),
    () => this.#runDue(),
  );
  #clock = systemClock;
  #run: RunDelivery | undefined;
  #concurrency = 0;
  #running = 0;
  #isStarted = false;
  #stopping: Promise<void> | undefined;
  #onIdle: (() => void)[] = [];

  constructor(bounds: MemoryBounds) {
    this.#bounds = bounds;
    this.#events = new MemoryEventStore(bounds, this.#changes);
  }

  async start({ clock }: EngineEnvironment): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stopping = undefined;
    this.#clock = clock;
  }

  async accept(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    if (this.#stopping) {
      throw new InboxUnavailableError('The inbox has stopped.', RETRY_AFTER_SECONDS);
    }
    if (this.#due.bodyBytes > this.#bounds.maxBodyBytes) {
      throw new InboxUnavailableError('Too many events wait to be run.', RETRY_AFTER_SECONDS);
    }
    const acceptances = arrivals.map((arrival) => this.#acceptOne(arrival));
    this.#runDue();
    return acceptances;
  }

  async consume(run: RunDelivery, { concurrency }: ConsumeOptions): Promise<void> {
    if (this.#run) throw new Error('This engine has a consumer already.');
    this.#run = run;
    this.#concurrency = concurrency;
    this.#runDue();
  }

  async attempted(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#events.find(key)?.attempted();
  }

  async find(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#events.find(key)?.toStoredEvent();
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#drain());
  }

  async #drain(): Promise<void> {
    this.#isStarted = false;
    this.#run = undefined;
    this.#due.stop();
    if (this.#running > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #acceptOne(arrival: Arrival): Acceptance {
    const nowMs = this.#clock.now();
    const known = this.#events.find(arrival.event);
    const event = known ?? new MemoryEvent(arrival.event);
    for (const delivery of event.take(arrival, this.#changes, nowMs)) this.#due.add(delivery);
    this.#events.place(event, nowMs);
    return { status: known ? 'repeated' : 'accepted' };
  }

  #runDue(): void {
    while (this.#run && !this.#stopping && this.#running < this.#concurrency) {
      const turn = this.#due.next();
      if (!turn) return;
      this.#running += 1;
      void this.#runOne(turn, this.#run);
    }
  }

  async #runOne({ delivery, followers }: Turn, run: RunDelivery): Promise<void> {
    delivery.status = 'running';
    delivery.attempts += 1;
    const { wanted, attempts: attempt } = delivery;
    const outcome = await run({ event: delivery.event!, handler: wanted.handler, attempt });

    this.#settle(delivery, outcome);
    for (const follower of followers) this.#settleFollower(follower, outcome);
    this.#due.leaveLane(delivery);
    this.#running -= 1;
    this.#runDue();
    if (this.#running === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  #settle(delivery: MemoryDelivery, outcome: Outcome): void {
    const { owner, wanted } = delivery;
    owner.settle(delivery, outcome);
    if (wanted.change && outcome.status !== 'failed') this.#releaseChange(delivery);
    if (owner.isResting) this.#events.place(owner, this.#clock.now());
  }

  #settleFollower(follower: MemoryDelivery, outcome: Outcome): void {
    if (outcome.status === 'failed' || outcome.status === 'dead') {
      this.#due.putBack(follower);
      return;
    }
    follower.attempts += 1;
    this.#settle(follower, outcome);
  }

  #releaseChange(delivery: MemoryDelivery): void {
    for (const turnedAway of this.#changes.release(delivery)) {
      if (delivery.status !== 'dead') turnedAway.event = undefined;
      else if (turnedAway.owner.inherit(turnedAway)) this.#due.add(turnedAway);
      this.#events.place(turnedAway.owner, this.#clock.now());
    }
  }
}
