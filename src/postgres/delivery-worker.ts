import type { RunDelivery } from '../inbox/webhook-engine.interface.js';
import type { AttemptOutcome } from './attempt.interface.js';
import { despiteConflicts } from './despite-conflicts.js';
import type { IdleJobs } from './idle-jobs.js';
import type { JobQueue, TakenJob } from './job-queue.js';
import { toTakenDelivery } from './read-rows.js';
import type { TakenDelivery } from './read-rows.js';
import type { Settler } from './settler.js';
import type { SqlDatabase, SqlRow, SqlSession } from './sql-database.interface.js';
import { queryInSchema } from './in-schema.js';
import { LEAD_BURSTS } from './lane-statements.js';
import { START_ATTEMPTS } from './run-statements.js';
import { DeliveryTransaction } from './transactions/delivery-transaction.js';
import type { TransactionAdapter } from './transactions/transaction-adapter.interface.js';

/** Due retries and what a dead process leaves send no notification: they are looked for. */
const POLL_MS = 500;
/** A third of the lease, and a little less. */
const HEARTBEAT_MS = 3000;
/** How many outcomes may wait to be written before nothing further is taken. */
const MAX_UNSETTLED = 512;

const BODY_GONE: AttemptOutcome = {
  status: 'dead',
  error: { name: 'Error', message: 'The body of the event is not in the database any more.' },
};

export interface WorkerOptions {
  readonly database: SqlDatabase;
  readonly queue: JobQueue;
  readonly settler: Settler;
  readonly idleJobs: IdleJobs;
  readonly schema: string;
  readonly concurrency: number;
  readonly run: RunDelivery;
  /** Undefined where handlers cannot have transactions. */
  readonly transactions: TransactionAdapter | undefined;
  /** Where leases are renewed: a busy pool must not end them. */
  readonly heartbeatSession: () => SqlSession;
  readonly report: (message: string, error?: unknown) => void;
}

/** Takes as many due deliveries as there are free slots, and runs each in its own time. */
export class DeliveryWorker {
  /** Whose lease is renewed: taken, and not settled yet. */
  readonly #held = new Map<string, TakenJob>();
  readonly #transactions = new Set<DeliveryTransaction>();
  readonly #onIdle: (() => void)[] = [];
  #running = 0;
  #isTaking = false;
  #mayFind = true;
  #isStopped = false;
  #isAbandoned = false;
  #pollTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;

  constructor(private readonly options: WorkerOptions) {}

  start(): void {
    this.#pollTimer = setInterval(() => this.wake(), POLL_MS);
    this.#heartbeatTimer = setInterval(() => void this.#renewLeases(), HEARTBEAT_MS);
    this.wake();
  }

  /** Something may be due. */
  wake(): void {
    this.#mayFind = true;
    this.#take();
  }

  get freeSlots(): number {
    if (this.#isStopped || this.#held.size - this.#running > MAX_UNSETTLED) return 0;
    return this.options.concurrency - this.#running;
  }

  /** What was taken is settled: its lease ends. */
  release(jobIds: readonly string[]): void {
    for (const id of jobIds) this.#held.delete(id);
    this.#take();
    if (this.#held.size === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  /** Takes nothing further, and resolves when all that runs is settled. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#pollTimer);
    while (!this.#isAbandoned && (this.#isTaking || this.#held.size > 0)) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
    clearInterval(this.#heartbeatTimer);
  }

  /** Waits for nothing that runs: its leases end, and what it does in its transaction is rolled back. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const transaction of this.#transactions) transaction.giveUp();
    this.#onIdle.splice(0).forEach((resume) => resume());
  }

  #take(): void {
    if (this.#isTaking || !this.#mayFind || this.freeSlots <= 0) return;
    this.#isTaking = true;
    this.#mayFind = false;
    void this.#takeUpTo(this.freeSlots);
  }

  async #takeUpTo(count: number): Promise<void> {
    try {
      const jobs = await this.options.queue.take(count);
      // Where it got all it asked for, there are likely more.
      if (jobs.length === count) this.#mayFind = true;
      if (jobs.length > 0) await this.#startAttempts(jobs);
    } catch (error) {
      this.options.report('Deliveries could not be taken to be run.', error);
    }
    this.#isTaking = false;
    this.#take();
    if (this.#held.size === 0) this.#onIdle.splice(0).forEach((resume) => resume());
  }

  async #startAttempts(jobs: readonly TakenJob[]): Promise<void> {
    const { idleJobs } = this.options;
    const deliveries = (
      await this.#query(
        START_ATTEMPTS,
        jobs.map(({ id }) => id),
        jobs.map(({ retryCount }) => retryCount),
      )
    ).map(toTakenDelivery);
    await this.#leadBursts(deliveries);
    for (const taken of deliveries) {
      if (taken.isPaused) this.#giveBack(taken, { status: 'paused' });
      else if (taken.isBodyGone) this.#giveBack(taken, BODY_GONE);
      else if (this.#isStopped) this.#giveBack(taken, { status: 'unknown-handler' });
      else void this.#run(taken);
    }

    // A job whose delivery waits for its turn in its lane, or is settled already, by a result that came
    // after its lease had ended.
    const started = new Set(deliveries.map(({ jobId }) => jobId));
    const idle = jobs.filter(({ id }) => !started.has(id));
    await idleJobs.end(idle);
  }

  async #run(taken: TakenDelivery): Promise<void> {
    const { run, settler, transactions } = this.options;
    const { event, handler, attempt, replays, jobId: id, claim: retryCount } = taken;
    const transaction = transactions && new DeliveryTransaction(transactions, settler, taken);
    this.#held.set(id, { id, retryCount });
    if (transaction) this.#transactions.add(transaction);
    this.#running += 1;
    const outcome = await run({
      ...{ event, handler, attempt, replays },
      ...(transaction && { transact: (work) => transaction.run(work) }),
    });
    transaction?.giveUp();
    if (transaction) this.#transactions.delete(transaction);
    this.#running -= 1;
    if (transaction?.isCommitted) settler.onCommitted({ taken, outcome }, transaction.effects);
    else settler.settle(taken, outcome);
    this.#take();
  }

  /** Before they run: what is stored from now on is run again. */
  async #leadBursts(deliveries: readonly TakenDelivery[]): Promise<void> {
    const leading = deliveries.filter(({ burst, isPaused }) => burst !== undefined && !isPaused);
    if (leading.length === 0) return;
    await this.#query(
      LEAD_BURSTS,
      leading.map(({ burst }) => burst),
      leading.map(({ jobId }) => jobId),
      leading.map(({ lane }) => lane),
    );
  }

  /** Where it and a repeated event wait for each other, it is done again: a lease would end meanwhile. */
  async #query(statement: string, ...values: readonly unknown[][]): Promise<readonly SqlRow[]> {
    const { database, schema } = this.options;
    const run = () => queryInSchema(database, schema, statement, values);
    return despiteConflicts(run, Infinity);
  }

  #giveBack(taken: TakenDelivery, outcome: AttemptOutcome): void {
    const { jobId: id, claim: retryCount } = taken;
    this.#held.set(id, { id, retryCount });
    this.options.settler.settle(taken, outcome);
  }

  async #renewLeases(): Promise<void> {
    if (this.#held.size === 0) return;
    const { database, queue, heartbeatSession, report } = this.options;
    const renew = (session: SqlSession): Promise<void> =>
      queue.touch(session, [...this.#held.values()]);
    try {
      // A lease does not wait until a connection that was lost has a successor.
      await renew(heartbeatSession()).catch(() => renew(database));
    } catch (error) {
      report('The leases of running deliveries could not be renewed.', error);
    }
  }
}
