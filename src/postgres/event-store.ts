import type { Clock } from '../inbox/clock.js';
import type { Acceptance, Arrival } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import type { StoredEvent } from '../inbox/delivery.interface.js';
import { Admission } from './admission.js';
import { joinBodies } from './columns.js';
import { createJobId } from './create-job-id.js';
import { keyOf } from './event-key.js';
import { toDeliveryColumns } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import type { JobQueue } from './job-queue.js';
import { LaneTurns } from './lane-turns.js';
import { mergeArrivals } from './merge-arrivals.js';
import type { MergedArrival } from './merge-arrivals.js';
import { toStoredEvents } from './read-rows.js';
import { RepeatedEvents } from './repeated-events.js';
import type { SqlDatabase, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import { FIND_EVENTS } from './ledger-statements.js';
import { STORE_EVENTS } from './store-statements.js';

/** The ledger: events, and what became of their deliveries. */
export class EventStore {
  readonly #repeated: RepeatedEvents;
  readonly #admission: Admission;
  readonly #turns: LaneTurns;

  constructor(
    private readonly database: SqlDatabase,
    private readonly queue: JobQueue,
    private readonly schema: string,
    clock: Clock,
  ) {
    this.#repeated = new RepeatedEvents(queue, schema, clock);
    this.#turns = new LaneTurns(schema);
    this.#admission = new Admission(schema, this.#turns);
  }

  /** Stores a batch in one transaction, with the jobs of its deliveries. */
  store(arrivals: readonly Arrival[]): Promise<StoredBatch> {
    return this.database.transaction((session) => this.storeWithin(session, arrivals));
  }

  /** As `store`, in a transaction that is open. */
  async storeWithin(session: SqlSession, arrivals: readonly Arrival[]): Promise<StoredBatch> {
    const merged = mergeArrivals(arrivals);
    await this.#turns.order(
      session,
      merged.flatMap(({ wanted }) => wanted),
    );
    const { numbers, dueCount } = await this.#storeMerged(session, merged);
    const acceptances = arrivals.map((): Acceptance => ({ status: 'repeated' }));
    for (const number of numbers) {
      acceptances[merged[number - 1]!.places[0]!] = { status: 'accepted' };
    }
    return { acceptances, dueCount };
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

  async #storeMerged(
    session: SqlSession,
    merged: readonly MergedArrival[],
  ): Promise<{ numbers: ReadonlySet<number>; dueCount: number }> {
    const numbers = await this.#storeNew(session, merged);
    const isNew = (index: number): boolean => numbers.has(index + 1);
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
    return { numbers, dueCount: jobs.length + taken.dueCount };
  }

  /** @returns The numbers, counted from 1, of the events that were not stored before. */
  async #storeNew(
    session: SqlSession,
    merged: readonly MergedArrival[],
  ): Promise<ReadonlySet<number>> {
    const events = merged.map(({ event }) => event);
    const { bodies, offsets, lengths } = joinBodies(events);
    const deliveries = merged.flatMap((arrival, index) =>
      ownDeliveries(arrival).map((each, position) => ({ ...each, number: index + 1, position })),
    );
    const { rows } = await session.query(inSchema(STORE_EVENTS, this.schema), [
      events.map(({ source }) => source),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map(({ endpoint }) => endpoint),
      events.map(({ receivedAt }) => receivedAt),
      events.map(({ arrivedBy }) => arrivedBy),
      events.map(({ secretLabel }) => secretLabel ?? null),
      events.map(({ headers }) => JSON.stringify(headers)),
      offsets,
      lengths,
      bodies,
      events.map(({ account }) => account ?? null),
      events.map(({ livemode }) => livemode ?? null),
      deliveries.map(({ number }) => number),
      deliveries.map(({ position }) => position),
      ...toDeliveryColumns(deliveries),
      merged.map(({ places }) => places[0]),
    ]);
    return new Set(rows.map(({ number }) => Number(number)));
  }
}

/** What storing a batch came to. */
export interface StoredBatch {
  /** One for each arrival, in order. */
  readonly acceptances: readonly Acceptance[];
  /** How many deliveries became due by it. */
  readonly dueCount: number;
}

/** Those that run on the arrival that came first. */
function ownDeliveries({ event: { endpoint }, wanted }: MergedArrival): NewDelivery[] {
  return wanted
    .filter(({ event }) => event.endpoint === endpoint)
    .map(({ delivery, event }) => ({
      jobId: createJobId(event.source, event.id, delivery.handler, 0),
      delivery,
      event,
    }));
}
