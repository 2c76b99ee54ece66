import { InboxUnavailableError } from '../../errors/inbox-unavailable.error.js';
import { systemClock } from '../clock.js';
import type { StoredEvent } from '../delivery.interface.js';
import type { EventPage, EventQuery } from '../event-query.interface.js';
import type {
  Acceptance,
  Arrival,
  ConsumeOptions,
  EngineCapabilities,
  EngineEnvironment,
  EngineStats,
  PruneReport,
  PruneTimes,
  Replay,
  ReplayResult,
  RunDelivery,
  WebhookEngine,
} from '../webhook-engine.interface.js';
import type { EventKey, WebhookEvent } from '../webhook-event.interface.js';
import { MemoryChanges } from './memory-changes.js';
import { resolveMemoryOptions } from './memory-engine.options.js';
import type { MemoryEngineOptions, MemoryEngineSettings } from './memory-engine.options.js';
import { MemoryEventStore } from './memory-event-store.js';
import type { MemoryBounds } from './memory-event-store.js';
import { MemoryEvent } from './memory-event.js';
import { MemoryLedger } from './memory-ledger.js';
import { MemoryNotes } from './memory-notes.js';
import { MemoryWorker } from './memory-worker.js';
import { RateCounter } from './rate-counter.js';

const RETRY_AFTER_SECONDS = 10;

/**
 * Keeps events in this process until it exits: for a first success, for tests, and for a single
 * process whose senders resend what was not answered 200. It retries nothing by itself; the sender's
 * resend is the retry.
 *
 * @throws WebhookConfigurationError for a bound that is not a number of at least 1.
 */
export function memoryEngine(options: MemoryEngineOptions = {}): WebhookEngine {
  return new MemoryEngine(resolveMemoryOptions(options));
}

class MemoryEngine implements WebhookEngine {
  // In order, what has failed would hold up the requests behind it until its sender comes again.
  readonly capabilities: EngineCapabilities = { survives: 'nothing', lacks: ['fifo'] };
  readonly #bounds: MemoryBounds;
  readonly #keepsBodies: boolean;
  readonly #changes = new MemoryChanges();
  readonly #events: MemoryEventStore;
  readonly #ledger: MemoryLedger;
  readonly #notes = new MemoryNotes(() => this.#clock);
  readonly #worker: MemoryWorker;
  readonly #received = new RateCounter();
  #clock = systemClock;
  #lastSequence = 0;
  #isStarted = false;
  #stopping: Promise<void> | undefined;

  constructor({ bounds, keepsBodies }: MemoryEngineSettings) {
    this.#bounds = bounds;
    this.#keepsBodies = keepsBodies;
    this.#events = new MemoryEventStore(bounds, this.#changes);
    this.#ledger = new MemoryLedger(this.#events);
    this.#worker = new MemoryWorker(this.#events, this.#changes, () => this.#clock);
  }

  async start({ clock }: EngineEnvironment): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stopping = undefined;
    this.#clock = clock;
    this.#notes.markCreated();
  }

  async accept(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    if (this.#stopping) {
      throw new InboxUnavailableError('The inbox has stopped.', RETRY_AFTER_SECONDS);
    }
    if (this.#worker.waitingBodyBytes > this.#bounds.maxBodyBytes) {
      throw new InboxUnavailableError('Too many events wait to be run.', RETRY_AFTER_SECONDS);
    }
    const acceptances = arrivals.map((arrival) => this.#acceptOne(arrival));
    this.#worker.runDue();
    return acceptances;
  }

  async consume(run: RunDelivery, { concurrency }: ConsumeOptions): Promise<void> {
    this.#worker.start(run, concurrency);
  }

  attempted(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#events.find(key)?.attempted() ?? Promise.resolve(undefined);
  }

  async find(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#events.find(key)?.toStoredEvent();
  }

  async list(query: EventQuery): Promise<EventPage> {
    return this.#ledger.list(query);
  }

  async stats(): Promise<EngineStats> {
    return {
      ...this.#ledger.stats(),
      lastMinute: {
        receivedEvents: this.#received.lastMinute(this.#clock.now()),
        settledDeliveries: this.#worker.settledLastMinute(),
      },
      paused: this.#worker.paused,
      blockedLanes: 0,
    };
  }

  async load(key: EventKey): Promise<WebhookEvent | undefined> {
    return this.#events.find(key)?.received;
  }

  async replay(replays: readonly Replay[]): Promise<ReplayResult> {
    const replayed = replays.flatMap(({ event, deliveries }) => {
      const stored = this.#events.find(event);
      return deliveries.flatMap((wanted) => stored?.replay(wanted, this.#changes) ?? []);
    });
    const due = replayed.filter(({ status }) => status === 'pending');
    for (const delivery of due) this.#worker.add(delivery);
    for (const { owner } of replayed) this.#events.place(owner, this.#clock.now());
    this.#worker.runDue();
    return { due: due.length, skipped: replayed.length - due.length };
  }

  async retryNow(key: EventKey, handler: string): Promise<boolean> {
    const event = this.#events.find(key);
    const delivery = event?.deliveries.find(({ wanted }) => wanted.handler === handler);
    if (!event || !delivery || !event.retry(delivery)) return false;
    this.#worker.add(delivery);
    this.#worker.runDue();
    return true;
  }

  /** No lane here waits for a dead delivery. */
  async unblock(): Promise<boolean> {
    return false;
  }

  async pause(handler: string): Promise<void> {
    this.#worker.pause(handler);
  }

  async resume(handler: string): Promise<void> {
    this.#worker.resume(handler);
  }

  async prune(before: PruneTimes): Promise<PruneReport> {
    return this.#ledger.prune(before);
  }

  async recall(key: string): Promise<string | undefined> {
    return this.#notes.recall(key);
  }

  async remember(key: string, value: string): Promise<void> {
    this.#notes.remember(key, value);
  }

  async claim(name: string, owner: string, leaseMs: number): Promise<boolean> {
    return this.#notes.claim(name, owner, leaseMs);
  }

  async release(name: string, owner: string): Promise<void> {
    this.#notes.release(name, owner);
  }

  stop(): Promise<void> {
    this.#isStarted = false;
    return (this.#stopping ??= this.#worker.stop());
  }

  abandon(): Promise<void> {
    const stopped = this.stop();
    this.#worker.abandon();
    return stopped;
  }

  #acceptOne(arrival: Arrival): Acceptance {
    const nowMs = this.#clock.now();
    const known = this.#events.find(arrival.event);
    const event = known ?? new MemoryEvent(arrival.event, ++this.#lastSequence, this.#keepsBodies);
    if (!known) {
      this.#events.add(event);
      this.#received.add(nowMs);
    }
    const due = event.take(arrival, this.#changes, nowMs);
    this.#events.place(event, nowMs);
    for (const delivery of due) this.#worker.queue(delivery);
    return { status: known ? 'repeated' : 'accepted' };
  }
}
