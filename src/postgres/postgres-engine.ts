import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import type { EventPage, EventQuery } from '../inbox/event-query.interface.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
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
} from '../inbox/webhook-engine.interface.js';
import type { EventKey, WebhookEvent } from '../inbox/webhook-event.interface.js';
import { openDatabase } from './open-database.js';
import type { OpenDatabase } from './open-database.js';
import { resolvePostgresOptions } from './postgres-engine.options.js';
import type { PostgresEngineOptions, PostgresEngineSettings } from './postgres-engine.options.js';
import { PostgresInbox } from './postgres-inbox.js';

const RETRY_AFTER_SECONDS = 10;

/**
 * Keeps events in PostgreSQL and runs their deliveries until they succeed, on any number of processes. The
 * queue of what is due is kept by pg-boss. With `embedded` the same runs inside one process, on a directory.
 *
 * Needs `pg-boss`; and `pg` for a server, or `@electric-sql/pglite` for `embedded`.
 *
 * @throws WebhookConfigurationError for options that cannot work.
 *
 * @example
 * WebhookInboxModule.forRoot({ engine: postgresEngine({ pool: new Pool() }) })
 */
export function postgresEngine(options: PostgresEngineOptions): WebhookEngine {
  return new PostgresEngine(resolvePostgresOptions(options));
}

/** The engine, before and after `PostgresInbox`. */
export class PostgresEngine implements WebhookEngine {
  readonly capabilities: EngineCapabilities;
  #starting: Promise<PostgresInbox> | undefined;
  #inbox: PostgresInbox | undefined;
  #stopping: Promise<void> | undefined;

  constructor(
    private readonly settings: PostgresEngineSettings,
    private readonly open: OpenDatabase = openDatabase,
  ) {
    const isEmbedded = 'directory' in settings.target;
    this.capabilities = {
      survives: isEmbedded ? 'crash' : 'power-cut',
      // Embedded, there is one connection: a handler that kept it would keep everyone from storing.
      transactional: !isEmbedded,
    };
  }

  async start(environment: EngineEnvironment): Promise<void> {
    if (this.#starting && !this.#stopping) return void (await this.#starting);
    await this.#stopping;
    this.#stopping = undefined;
    this.#starting = PostgresInbox.open(this.settings, environment, this.open);
    try {
      this.#inbox = await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  async accept(
    arrivals: readonly Arrival[],
    transaction?: unknown,
  ): Promise<readonly Acceptance[]> {
    if (transaction === undefined) return this.#opened().accept(arrivals);
    return this.#opened().acceptWithin(transaction, arrivals);
  }

  async consume(run: RunDelivery, options: ConsumeOptions): Promise<void> {
    await this.#opened().consumer.start(run, options);
  }

  async attempted(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#opened({ isReading: true }).consumer.attempted(key);
  }

  async find(key: EventKey, transaction?: unknown): Promise<StoredEvent | undefined> {
    return this.#opened({ isReading: true }).find(key, transaction);
  }

  async list(query: EventQuery): Promise<EventPage> {
    return this.#opened({ isReading: true }).ledger.list(query);
  }

  async stats(): Promise<EngineStats> {
    const { ledger, pauses } = this.#opened({ isReading: true });
    const [counts, paused] = await Promise.all([ledger.stats(), pauses.list()]);
    return { ...counts, paused };
  }

  async load(key: EventKey): Promise<WebhookEvent | undefined> {
    return this.#opened({ isReading: true }).ledger.load(key);
  }

  async replay(replays: readonly Replay[]): Promise<ReplayResult> {
    return this.#opened().replay(replays);
  }

  async retryNow(key: EventKey, handler: string): Promise<boolean> {
    return this.#opened().retryNow(key, handler);
  }

  async unblock(key: EventKey, handler: string): Promise<boolean> {
    return this.#opened().unblock(key, handler);
  }

  async pause(handler: string): Promise<void> {
    await this.#opened().pauses.pause(handler);
  }

  async resume(handler: string): Promise<void> {
    await this.#opened().resume(handler);
  }

  async prune(before: PruneTimes): Promise<PruneReport> {
    return this.#opened().pruner.prune(before);
  }

  async recall(key: string): Promise<string | undefined> {
    return this.#opened({ isReading: true }).notes.recall(key);
  }

  async remember(key: string, value: string): Promise<void> {
    await this.#opened({ isReading: true }).notes.remember(key, value);
  }

  async claim(name: string, owner: string, leaseMs: number): Promise<boolean> {
    return this.#opened().notes.claim(name, owner, leaseMs);
  }

  /** Also while it stops: what is given back need not run out. */
  async release(name: string, owner: string): Promise<void> {
    await this.#opened({ isReading: true }).notes.release(name, owner);
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#close());
  }

  abandon(): Promise<void> {
    const stopped = this.stop();
    this.#inbox?.abandon();
    return stopped;
  }

  async #close(): Promise<void> {
    // A start that fails has closed what it opened.
    const inbox = await this.#starting?.catch(() => undefined);
    await inbox?.close();
    this.#inbox = undefined;
    this.#starting = undefined;
  }

  /** While it stops it can still be read. */
  #opened({ isReading = false } = {}): PostgresInbox {
    if (this.#inbox && (isReading || !this.#stopping)) return this.#inbox;
    const message = this.#stopping ? 'The inbox has stopped.' : 'The inbox has not started.';
    throw new InboxUnavailableError(message, RETRY_AFTER_SECONDS);
  }
}
