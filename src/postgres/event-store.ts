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
import { queryInSchema } from './in-schema.js';
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
    const plain = await this.#storeAtOnce(merged);
    // Those that were stored before. One of them may be pruned by now, and then is stored once more.
    const rest = merged.filter((each) => !plain.has(each));
    const { added, dueCount } = await this.#storeStepwise(rest);
    return {
      acceptances: toAcceptances(arrivals, [...plain, ...added]),
      dueCount: countToRun(plain) + dueCount,
    };
  }

  /** As `store`, in a transaction that is open. */
  async storeWithin(session: SqlSession, arrivals: readonly Arrival[]): Promise<StoredBatch> {
    const { added, dueCount } = await this.#storeMerged(session, mergeArrivals(arrivals));
    return { acceptances: toAcceptances(arrivals, [...added]), dueCount };
  }

  /** The events that are stored, by `keyOf`. */
  async find(
    keys: readonly EventKey[],
    session: SqlSession = this.database,
  ): Promise<Map<string, StoredEvent>> {
    const distinct = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    const rows = await queryInSchema(session, this.schema, FIND_EVENTS, [
      distinct.map(({ source }) => source),
      distinct.map(({ id }) => id),
    ]);
    return toStoredEvents(rows);
  }

  /**
   * A single statement has no limit of its own on the server, and outlives a client that has given it up.
   * So after a failure the next batch goes in a transaction, which has one.
   *
   * @returns Those that are done.
   */
  async #storeAtOnce(merged: readonly MergedArrival[]): Promise<ReadonlySet<MergedArrival>> {
    if (this.#hasFailed) return new Set();
    try {
      return await this.#newEvents.storeWithJobs(this.database, merged);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async #storeStepwise(merged: readonly MergedArrival[]): Promise<StoredMerged> {
    if (merged.length === 0) return { added: new Set(), dueCount: 0 };
    const stored = await despiteConflicts(() =>
      this.database.transaction((session) => this.#storeMerged(session, merged)),
    );
    this.#hasFailed = false;
    return stored;
  }

  async #storeMerged(session: SqlSession, merged: readonly MergedArrival[]): Promise<StoredMerged> {
    await this.#turns.order(
      session,
      merged.flatMap(({ wanted }) => wanted),
    );
    const added = await this.#newEvents.store(session, merged);
    const repeated = merged.flatMap((each) => {
      const { event, wanted } = each;
      if (!added.has(each)) return [{ event, wanted }];
      const ofOthers = wanted.filter((other) => other.event.endpoint !== event.endpoint);
      return ofOthers.length > 0 ? [{ event, wanted: ofOthers }] : [];
    });
    const taken = await this.#repeated.take(session, repeated);
    const created = [...added].flatMap(ownDeliveries);
    const jobs = await this.#admission.admit(session, [...created, ...taken.stored]);
    await this.queue.insert(session, jobs);
    return { added, dueCount: jobs.length + taken.dueCount };
  }
}

interface StoredMerged {
  /** Those that were not stored before. */
  readonly added: ReadonlySet<MergedArrival>;
  readonly dueCount: number;
}

/** What storing a batch came to. */
export interface StoredBatch {
  /** One for each arrival, in order. */
  readonly acceptances: readonly Acceptance[];
  /** How many deliveries became due by it. */
  readonly dueCount: number;
}

function toAcceptances(
  arrivals: readonly Arrival[],
  added: readonly MergedArrival[],
): Acceptance[] {
  const acceptances = arrivals.map((): Acceptance => ({ status: 'repeated' }));
  for (const { places } of added) acceptances[places[0]!] = { status: 'accepted' };
  return acceptances;
}

function countToRun(merged: Iterable<MergedArrival>): number {
  let count = 0;
  for (const { wanted } of merged) {
    count += wanted.filter(({ delivery }) => isToRun(delivery)).length;
  }
  return count;
}
