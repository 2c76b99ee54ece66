import type { Clock } from '../inbox/clock.js';
import type { Acceptance, Arrival } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
import { Admission } from './admission.js';
import { isToRun } from './delivery-columns.js';
import { despiteConflicts } from './despite-conflicts.js';
import { keyOf } from './event-key.js';
import type { JobQueue } from './job-queue.js';
import { LaneTurns } from './lane-turns.js';
import { mergeArrivals } from './merge-arrivals.js';
import type { MergedArrival } from './merge-arrivals.js';
import { NewEvents, ownDeliveries } from './new-events.js';
import { toStoredEvents } from './read-rows.js';
import { RepeatedEvents } from './repeated-events.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import { FIND_EVENTS } from './ledger-statements.js';

/** The ledger: events, and what became of their deliveries. */
export class EventStore {
  readonly #newEvents: NewEvents;
  readonly #repeated: RepeatedEvents;
  readonly #admission: Admission;
  readonly #turns: LaneTurns;
  #hasFailed = false;

  constructor(
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
    private readonly schema: string,
    clock: Clock,
  ) {
    this.#newEvents = new NewEvents(schema, queue);
    this.#repeated = new RepeatedEvents(queue, schema, clock);
    this.#turns = new LaneTurns(schema);
    this.#admission = new Admission(schema, this.#turns);
  }

  /** Stores a batch: each event with its deliveries and their jobs, all of it or nothing. */
  async store(arrivals: readonly Arrival[]): Promise<StoredBatch> {
    const merged = mergeArrivals(arrivals);
    const numbers = await this.#storeAtOnce(merged);
    if (!numbers) return this.#storeStepwise(arrivals);

    const rest = merged.filter((_, index) => !numbers.has(index + 1));
    const dueCount = countToRun(merged) - countToRun(rest) + (await this.#takeAgain(rest));
    return { acceptances: toAcceptances(arrivals, merged, numbers), dueCount };
  }

  /** As `store`, in a transaction that is open. */
  async storeWithin(session: SqlSession, arrivals: readonly Arrival[]): Promise<StoredBatch> {
    const merged = mergeArrivals(arrivals);
    await this.#turns.order(
      session,
      merged.flatMap(({ wanted }) => wanted),
    );
    const numbers = await this.#newEvents.store(session, merged);
    const dueCount = await this.#complete(session, merged, numbers);
    return { acceptances: toAcceptances(arrivals, merged, numbers), dueCount };
  }

  /** The events that are stored, by `keyOf`. */
  async find(
    keys: readonly EventKey[],
    session: SqlSession = this.database,
  ): Promise<Map<string, StoredEvent>> {
    const distinct = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    const { rows } = await session.query(inSchema(FIND_EVENTS, this.schema), [
      distinct.map(({ source }) => source),
      distinct.map(({ id }) => id),
    ]);
    return toStoredEvents(rows);
  }

  /**
   * A single statement has no limit of its own on the server, and outlives a client that has given it up.
   * So after a failure the next batch goes in a transaction, which has one.
   */
  async #storeAtOnce(merged: readonly MergedArrival[]): Promise<ReadonlySet<number> | undefined> {
    if (this.#hasFailed) return undefined;
    try {
      return await this.#newEvents.storeWithJobs(this.database, merged);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async #storeStepwise(arrivals: readonly Arrival[]): Promise<StoredBatch> {
    const stored = await despiteConflicts(() =>
      this.database.transaction((session) => this.storeWithin(session, arrivals)),
    );
    this.#hasFailed = false;
    return stored;
  }

  /** @returns How many deliveries of events that were stored before are due by it. */
  async #takeAgain(merged: readonly MergedArrival[]): Promise<number> {
    if (merged.length === 0) return 0;
    return despiteConflicts(() =>
      this.database.transaction((session) => this.#complete(session, merged, NONE)),
    );
  }

  /**
   * What else belongs to events of which the new ones have been stored.
   *
   * @returns How many deliveries are due by it.
   */
  async #complete(
    session: SqlSession,
    merged: readonly MergedArrival[],
    newNumbers: ReadonlySet<number>,
  ): Promise<number> {
    const isNew = (index: number): boolean => newNumbers.has(index + 1);
    const created = merged.flatMap((arrival, index) =>
      isNew(index) ? ownDeliveries(arrival) : [],
    );
    const repeated = merged.flatMap(({ event, wanted }, index) => {
      const open = isNew(index)
        ? wanted.filter((each) => each.event.endpoint !== event.endpoint)
        : wanted;
      return open.length > 0 || !isNew(index) ? [{ event, wanted: open }] : [];
    });
    const taken = await this.#repeated.take(session, repeated);
    const jobs = await this.#admission.admit(session, [...created, ...taken.stored]);
    await this.queue.insert(session, jobs);
    return jobs.length + taken.dueCount;
  }
}

const NONE: ReadonlySet<number> = new Set();

/** What storing a batch came to. */
export interface StoredBatch {
  /** One for each arrival, in order. */
  readonly acceptances: readonly Acceptance[];
  /** How many deliveries became due by it. */
  readonly dueCount: number;
}

function toAcceptances(
  arrivals: readonly Arrival[],
  merged: readonly MergedArrival[],
  numbers: ReadonlySet<number>,
): Acceptance[] {
  const acceptances = arrivals.map((): Acceptance => ({ status: 'repeated' }));
  for (const number of numbers) {
    acceptances[merged[number - 1]!.places[0]!] = { status: 'accepted' };
  }
  return acceptances;
}

function countToRun(merged: readonly MergedArrival[]): number {
  return merged.reduce(
    (sum, { wanted }) => sum + wanted.filter(({ delivery }) => isToRun(delivery)).length,
    0,
  );
}
