import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
import type {
  Acceptance,
  Arrival,
  EngineEnvironment,
  EngineLog,
  Replay,
  ReplayResult,
} from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { ArrivalBatcher } from './arrival-batcher.js';
import { DeliveryConsumer } from './delivery-consumer.js';
import { keyOf } from './event-key.js';
import { EventLookup } from './event-lookup.js';
import { EventStore } from './event-store.js';
import { JobQueue } from './job-queue.js';
import { Ledger } from './ledger.js';
import { limitErrors } from './limit-errors.js';
import type { LimitedLog } from './limit-errors.js';
import { ManualJobQueue } from './manual-job-queue.js';
import { jobSchemaOf, migrate } from './migrate.js';
import { Notes } from './notes.js';
import type { OpenDatabase } from './open-database.js';
import { Pauses } from './pauses.js';
import type { PostgresEngineSettings } from './postgres-engine.options.js';
import { Pruner } from './pruner.js';
import { Replays } from './replays.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { toStartError } from './to-start-error.js';
import { toSession } from './transactions/delivery-transaction.js';
import { isTransactionOpen } from './transactions/is-transaction-open.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const NOT_OPEN =
  'receive() was given a transaction that is not open: begin it first, and give what the statements between ' +
  'BEGIN and COMMIT are run on, such as a client and not its pool.';

/** The engine between one start and its stop. */
export class PostgresInbox {
  readonly ledger: Ledger;
  readonly pruner: Pruner;
  readonly notes: Notes;
  readonly pauses: Pauses;
  readonly consumer: DeliveryConsumer;
  readonly #store: EventStore;
  readonly #lookup: EventLookup;
  readonly #replays: Replays;
  readonly #batcher: ArrivalBatcher;
  readonly #transactions: TransactionAdapter | undefined;
  readonly #environment: EngineEnvironment;
  readonly #muteErrors: () => void;

  /** Opens the database, brings its schema up to date, and starts the queue. */
  static async open(
    settings: PostgresEngineSettings,
    environment: EngineEnvironment,
    openDatabase: OpenDatabase,
  ): Promise<PostgresInbox> {
    const log = limitErrors(environment.log);
    const database = await openDatabase(settings, log);
    const queue = createQueue(database, settings, environment, log);
    try {
      await migrate(database, settings.schema);
      await queue.start();
      const inbox = new PostgresInbox(settings, environment, log, database, queue);
      if (queue instanceof ManualJobQueue) await queue.begin((count) => inbox.consumer.wake(count));
      return inbox;
    } catch (error) {
      await queue.stop();
      await database.close();
      throw toStartError(error);
    }
  }

  private constructor(
    { schema, acceptTimeoutMs, target }: PostgresEngineSettings,
    environment: EngineEnvironment,
    log: LimitedLog,
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
  ) {
    const { clock } = environment;
    const given = 'transactions' in target ? target.transactions : undefined;
    const transactions = given ?? database.transactions;
    const store = new EventStore(database, queue, schema, clock);
    this.#lookup = new EventLookup((keys) => store.find(keys));
    this.ledger = new Ledger(database, schema);
    this.pruner = new Pruner(database, schema);
    this.notes = new Notes(database, schema);
    this.pauses = new Pauses(database, queue, schema);
    const { pauses } = this;
    this.consumer = new DeliveryConsumer({
      ...{ database, queue, schema, clock, log, transactions, store, pauses },
    });
    this.#transactions = transactions;
    this.#environment = environment;
    this.#muteErrors = log.mute;
    this.#store = store;
    this.#replays = new Replays(database, queue, schema);
    this.#batcher = new ArrivalBatcher({
      store: (arrivals) => this.#storeBatch(arrivals),
      timeoutMs: acceptTimeoutMs,
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: MAX_WAITING_BYTES,
    });
  }

  accept(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    return this.#batcher.accept(arrivals);
  }

  async acceptWithin(
    transaction: unknown,
    arrivals: readonly Arrival[],
  ): Promise<readonly Acceptance[]> {
    const session = this.#sessionOf(transaction);
    if (!(await isTransactionOpen(session))) throw new WebhookConfigurationError(NOT_OPEN);
    const { acceptances, dueCount } = await this.#store.storeWithin(session, arrivals);
    await this.consumer.wakeWithin(session, dueCount);
    return acceptances;
  }

  async find(key: EventKey, transaction?: unknown): Promise<StoredEvent | undefined> {
    if (transaction === undefined) return this.#lookup.find(key);
    return (await this.#store.find([key], this.#sessionOf(transaction))).get(keyOf(key));
  }

  async replay(replays: readonly Replay[]): Promise<ReplayResult> {
    const result = await this.#replays.replay(replays);
    this.consumer.wake(result.due + result.skipped);
    return result;
  }

  async retryNow(key: EventKey, handler: string): Promise<boolean> {
    const isDue = await this.#replays.retryNow(key, handler);
    if (isDue) this.consumer.wake(1);
    return isDue;
  }

  async unblock(key: EventKey, handler: string): Promise<boolean> {
    const dueCount = await this.#replays.unblock(key, handler);
    this.consumer.wake(dueCount ?? 0);
    return dueCount !== undefined;
  }

  async resume(handler: string): Promise<void> {
    this.consumer.wake(await this.pauses.resume(handler));
  }

  /** Resolves when what was accepted is stored, what runs is settled, and the database is closed. */
  async close(): Promise<void> {
    await Promise.all([this.#batcher.idle(), this.consumer.stopRunning(), this.pruner.stop()]);
    await this.consumer.close();
    await this.queue.stop();
    await this.database.close();
    const { unkeptCount } = this.consumer;
    if (unkeptCount > 0) this.#environment.log?.error(unkept(unkeptCount));
  }

  /** All that `close` waits for ends or fails now. */
  abandon(): void {
    this.#muteErrors();
    this.consumer.abandon();
    this.database.sever();
  }

  async #storeBatch(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    const { acceptances, dueCount } = await this.#store.store(arrivals);
    this.consumer.wake(dueCount);
    return acceptances;
  }

  #sessionOf(transaction: unknown): SqlSession {
    if (!this.#transactions) throw new Error('This database has no transactions for others.');
    return toSession(this.#transactions, transaction);
  }
}

function unkept(count: number): string {
  return (
    `Outcomes of handlers that the database had not taken when the inbox stopped: ${count}. Their ` +
    'deliveries run again when another process takes them over.'
  );
}

function createQueue(
  database: SqlDatabase,
  { schema }: PostgresEngineSettings,
  { clock }: EngineEnvironment,
  { error: report }: EngineLog,
): JobQueue {
  if (clock.isManual) return new ManualJobQueue({ database, schema, clock, report });
  return new JobQueue(database, jobSchemaOf(schema), report);
}
