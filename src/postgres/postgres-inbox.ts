import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
import type {
  Acceptance,
  Arrival,
  ConsumeOptions,
  EngineEnvironment,
  EngineLog,
  Replay,
  RunDelivery,
} from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { ArrivalBatcher } from './arrival-batcher.js';
import type { Attempt } from './attempt.interface.js';
import { AttemptWaiters } from './attempt-waiters.js';
import { DeliveryWorker } from './delivery-worker.js';
import { keyOf } from './event-key.js';
import { EventLookup } from './event-lookup.js';
import { EventStore } from './event-store.js';
import { JobQueue } from './job-queue.js';
import { Ledger } from './ledger.js';
import { ManualJobQueue } from './manual-job-queue.js';
import { jobSchemaOf, migrate } from './migrate.js';
import { Notes } from './notes.js';
import type { OpenDatabase } from './open-database.js';
import { Pauses } from './pauses.js';
import type { PostgresEngineSettings } from './postgres-engine.options.js';
import { Pruner } from './pruner.js';
import { Replays } from './replays.js';
import { Settler } from './settler.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { toSession } from './transactions/delivery-transaction.js';
import { isTransactionOpen } from './transactions/is-transaction-open.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';
import { WakeUp } from './wake-up.js';

const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
const SAME_ERROR_MS = 10_000;
const NOT_OPEN =
  'receive() was given a transaction that is not open: begin it first, and give what the statements between ' +
  'BEGIN and COMMIT are run on, such as a client and not its pool.';

/** The engine between one start and its stop. */
export class PostgresInbox {
  readonly ledger: Ledger;
  readonly pruner: Pruner;
  readonly notes: Notes;
  readonly pauses: Pauses;
  readonly #store: EventStore;
  readonly #lookup: EventLookup;
  readonly #replays: Replays;
  readonly #batcher: ArrivalBatcher;
  readonly #waiters: AttemptWaiters;
  readonly #settler: Settler;
  readonly #wakeUp: WakeUp;
  #worker: DeliveryWorker | undefined;

  /** Opens the database, brings its schema up to date, and starts the queue. */
  static async open(
    settings: PostgresEngineSettings,
    environment: EngineEnvironment,
    openDatabase: OpenDatabase,
  ): Promise<PostgresInbox> {
    const log = limitErrors(environment.log ?? SILENT);
    const database = await openDatabase(settings, log);
    const queue = createQueue(database, settings, environment, log);
    try {
      await migrate(database, settings.schema);
      await queue.start();
      const inbox = new PostgresInbox(settings, environment, log, database, queue);
      if (queue instanceof ManualJobQueue) await queue.begin((count) => inbox.#wakeWorkers(count));
      return inbox;
    } catch (error) {
      await queue.stop();
      await database.close();
      throw error;
    }
  }

  private constructor(
    private readonly settings: PostgresEngineSettings,
    { clock }: EngineEnvironment,
    private readonly log: EngineLog,
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
  ) {
    const { schema, acceptTimeoutMs } = settings;
    this.#store = new EventStore(database, queue, schema, clock);
    this.#lookup = new EventLookup((keys) => this.#store.find(keys));
    this.ledger = new Ledger(database, schema);
    this.pruner = new Pruner(database, schema);
    this.notes = new Notes(database, schema);
    this.#replays = new Replays(database, queue, schema);
    this.pauses = new Pauses(database, queue, schema);
    this.#waiters = new AttemptWaiters(this.#store, this.pauses);
    this.#batcher = new ArrivalBatcher({
      store: (arrivals) => this.#storeBatch(arrivals),
      timeoutMs: acceptTimeoutMs,
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: MAX_WAITING_BYTES,
    });
    this.#settler = new Settler({
      database,
      queue,
      schema,
      clock,
      report: log.error,
      onSettled: (attempts, dueCount) => this.#onSettled(attempts, dueCount),
    });
    this.#wakeUp = new WakeUp(database, schema, () => this.#worker?.wake());
  }

  accept(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    return this.#batcher.accept(arrivals);
  }

  /** Other processes hear of it by the commit, and so does this one. */
  async acceptWithin(
    transaction: unknown,
    arrivals: readonly Arrival[],
  ): Promise<readonly Acceptance[]> {
    const session = this.#sessionOf(transaction);
    if (!(await isTransactionOpen(session))) throw new WebhookConfigurationError(NOT_OPEN);
    const { acceptances, dueCount } = await this.#store.storeWithin(session, arrivals);
    if (dueCount > 0) await this.#wakeUp.notifyWithin(session);
    return acceptances;
  }

  async consume(run: RunDelivery, { concurrency }: ConsumeOptions): Promise<void> {
    if (this.#worker) throw new Error('This engine has a consumer already.');
    this.#worker = new DeliveryWorker({
      database: this.database,
      queue: this.queue,
      settler: this.#settler,
      schema: this.settings.schema,
      concurrency,
      run,
      transactions: this.#transactions,
      heartbeatSession: () => this.#wakeUp.session,
      report: this.log.error,
    });
    await this.#wakeUp.listen();
    this.#worker.start();
  }

  attempted(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#waiters.wait(key);
  }

  async find(key: EventKey, transaction?: unknown): Promise<StoredEvent | undefined> {
    if (transaction === undefined) return this.#lookup.find(key);
    return (await this.#store.find([key], this.#sessionOf(transaction))).get(keyOf(key));
  }

  async replay(replays: readonly Replay[]): Promise<number> {
    const count = await this.#replays.replay(replays);
    if (count > 0) this.#wakeWorkers(count);
    return count;
  }

  async retryNow(key: EventKey, handler: string): Promise<boolean> {
    const isDue = await this.#replays.retryNow(key, handler);
    if (isDue) this.#wakeWorkers(1);
    return isDue;
  }

  async resume(handler: string): Promise<void> {
    const dueCount = await this.pauses.resume(handler);
    if (dueCount > 0) this.#wakeWorkers(dueCount);
  }

  /** Resolves when what was accepted is stored, what runs is settled, and the database is closed. */
  async close(): Promise<void> {
    await Promise.all([this.#batcher.idle(), this.#worker?.stop(), this.pruner.stop()]);
    await this.#settler.idle();
    await this.#waiters.stop();
    await this.#wakeUp.stop();
    await this.queue.stop();
    await this.database.close();
  }

  async #storeBatch(arrivals: readonly Arrival[]): Promise<readonly Acceptance[]> {
    const { acceptances, dueCount } = await this.#store.store(arrivals);
    if (dueCount > 0) this.#wakeWorkers(dueCount);
    return acceptances;
  }

  /** What this process cannot take at once, another may. */
  #wakeWorkers(dueCount: number): void {
    const freeSlots = this.#worker?.freeSlots ?? 0;
    this.#worker?.wake();
    if (dueCount > freeSlots) this.#wakeUp.notify();
  }

  get #transactions(): TransactionAdapter | undefined {
    const { target } = this.settings;
    const given = 'transactions' in target ? target.transactions : undefined;
    return given ?? this.database.transactions;
  }

  #sessionOf(transaction: unknown): SqlSession {
    if (!this.#transactions) throw new Error('This database has no transactions for others.');
    return toSession(this.#transactions, transaction);
  }

  #onSettled(attempts: readonly Attempt[], dueCount: number): void {
    this.#worker?.release(attempts.map(({ taken }) => taken.jobId));
    if (dueCount > 0) this.#wakeWorkers(dueCount);
    void this.#waiters.onSettled(attempts.map(({ taken }) => taken.event));
  }
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

/** While the database is away, the same is tried again and again: it is said once in a while. */
function limitErrors({ info, error: say }: EngineLog): EngineLog {
  const saidAtMs = new Map<string, number>();
  return {
    info,
    error: (message, error) => {
      const nowMs = performance.now();
      if (nowMs - (saidAtMs.get(message) ?? -Infinity) < SAME_ERROR_MS) return;
      saidAtMs.set(message, nowMs);
      say(message, error);
    },
  };
}

const SILENT: EngineLog = { info: () => undefined, error: () => undefined };
