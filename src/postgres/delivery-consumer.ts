import type { Clock } from '../inbox/clock.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
import type { ConsumeOptions, EngineLog, RunDelivery } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { Attempt, Effects } from './attempt.interface.js';
import { AttemptWaiters } from './attempt-waiters.js';
import { DeliveryWorker } from './delivery-worker.js';
import type { EventStore } from './event-store.js';
import { IdleJobs } from './idle-jobs.js';
import type { JobQueue } from './job-queue.js';
import type { Pauses } from './pauses.js';
import { Settler } from './settler.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';
import { WakeUp } from './wake-up.js';

export interface ConsumerOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly schema: string;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Undefined where handlers cannot have transactions. */
  readonly transactions: TransactionAdapter | undefined;
  readonly store: EventStore;
  readonly pauses: Pauses;
}

/** What is due, from the moment it is until it is settled: here or, where it is only told of it, elsewhere. */
export class DeliveryConsumer {
  readonly #waiters: AttemptWaiters;
  readonly #settler: Settler;
  readonly #wakeUp: WakeUp;
  #worker: DeliveryWorker | undefined;

  constructor(private readonly options: ConsumerOptions) {
    const { database, queue, schema, clock, log, store, pauses } = options;
    this.#waiters = new AttemptWaiters(store, pauses);
    this.#settler = new Settler({
      ...{ database, queue, schema, clock },
      report: log.error,
      onSettled: (attempts, effects) => this.#onSettled(attempts, effects),
    });
    this.#wakeUp = new WakeUp(database, schema, () => this.#worker?.wake());
  }

  async start(run: RunDelivery, { concurrency }: ConsumeOptions): Promise<void> {
    if (this.#worker) throw new Error('This engine has a consumer already.');
    const { database, queue, schema, transactions, log } = this.options;
    this.#worker = new DeliveryWorker({
      ...{ database, queue, schema, transactions, concurrency, run },
      settler: this.#settler,
      idleJobs: new IdleJobs({ database, queue, schema, onDue: (count) => this.wake(count) }),
      heartbeatSession: () => this.#wakeUp.session,
      report: log.error,
    });
    await this.#wakeUp.listen();
    this.#worker.start();
  }

  /** So many deliveries have become due. What this process cannot take at once, another may. */
  wake(dueCount: number): void {
    if (dueCount === 0) return;
    const freeSlots = this.#worker?.freeSlots ?? 0;
    this.#worker?.wake();
    if (dueCount > freeSlots) this.#wakeUp.notify();
  }

  /** They become due with the commit of a transaction. All processes hear of it by that, and so does this one. */
  async wakeWithin(session: SqlSession, dueCount: number): Promise<void> {
    if (dueCount > 0) await this.#wakeUp.notifyWithin(session);
  }

  attempted(key: EventKey): Promise<StoredEvent | undefined> {
    return this.#waiters.wait(key);
  }

  /** Takes nothing further, and resolves when what runs is settled. */
  async stopRunning(): Promise<void> {
    await this.#worker?.stop();
  }

  /** Waits for nothing any more, neither for what runs nor for what it came to to be kept. */
  abandon(): void {
    this.#worker?.abandon();
    this.#settler.abandon();
  }

  /** What so many runs came to was not kept. */
  get unkeptCount(): number {
    return this.#settler.unkeptCount;
  }

  /** Resolves when all outcomes are kept and nobody waits any more. */
  async close(): Promise<void> {
    await this.#settler.idle();
    await this.#waiters.stop();
    await this.#wakeUp.stop();
  }

  #onSettled(attempts: readonly Attempt[], { dueCount, followed }: Effects): void {
    this.#worker?.release(attempts.map(({ taken }) => taken.jobId));
    this.wake(dueCount);
    const events = attempts.map(({ taken }) => taken.event);
    void this.#waiters.onSettled([...events, ...followed]);
  }
}
