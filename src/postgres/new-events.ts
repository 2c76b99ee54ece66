import { toBodyColumns } from './columns.js';
import { createJobId } from './create-job-id.js';
import { isToRun, toDeliveryColumns } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import { inSchema } from './in-schema.js';
import type { JobQueue } from './job-queue.js';
import type { MergedArrival } from './merge-arrivals.js';
import { STORE_EVENTS, storeEventsWithJobs } from './new-event-statements.js';
import type { SqlSession } from './sql-database.interface.js';

/** Stores events that are not stored yet, and passes over those that are. */
export class NewEvents {
  readonly #store: string;
  readonly #storeWithJobs: string | undefined;

  constructor(schema: string, queue: JobQueue) {
    this.#store = inSchema(STORE_EVENTS, schema);
    const { insertion } = queue;
    this.#storeWithJobs = insertion && inSchema(storeEventsWithJobs(insertion), schema);
  }

  /** @returns Those that were not stored before. */
  store(
    session: SqlSession,
    merged: readonly MergedArrival[],
  ): Promise<ReadonlySet<MergedArrival>> {
    return insert(session, this.#store, merged);
  }

  /**
   * As `store`, with the jobs of all deliveries that are to run. One statement is one journey to the
   * server and back; each further one waits until this process, busy with requests, has read its answer.
   *
   * @returns Those that were not stored before; none where it cannot be done in one statement.
   */
  async storeWithJobs(
    session: SqlSession,
    merged: readonly MergedArrival[],
  ): Promise<ReadonlySet<MergedArrival>> {
    if (this.#storeWithJobs === undefined || !merged.every(isPlain)) return new Set();
    return insert(session, this.#storeWithJobs, merged);
  }
}

/** Those that run on the arrival that came first. */
export function ownDeliveries({ event: { endpoint }, wanted }: MergedArrival): NewDelivery[] {
  return wanted
    .filter(({ event }) => event.endpoint === endpoint)
    .map(({ delivery, event }) => ({
      jobId: createJobId(event.source, event.id, delivery.handler, 0),
      delivery,
      event,
    }));
}

/** Whether its deliveries run as soon as they are stored, and on the arrival that came first. */
function isPlain({ event: { endpoint }, wanted }: MergedArrival): boolean {
  return wanted.every(
    ({ event, delivery }) =>
      event.endpoint === endpoint &&
      !(isToRun(delivery) && (delivery.lane !== undefined || delivery.change !== undefined)),
  );
}

async function insert(
  session: SqlSession,
  statement: string,
  merged: readonly MergedArrival[],
): Promise<ReadonlySet<MergedArrival>> {
  const events = merged.map(({ event }) => event);
  const deliveries = merged.flatMap((arrival, index) =>
    ownDeliveries(arrival).map((each, position) => ({ ...each, number: index + 1, position })),
  );
  const columns = [
    events.map(({ source }) => source),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ endpoint }) => endpoint),
    events.map(({ receivedAt }) => receivedAt),
    events.map(({ arrivedBy }) => arrivedBy),
    ...toBodyColumns(events),
    events.map(({ account }) => account ?? null),
    events.map(({ livemode }) => livemode ?? null),
    deliveries.map(({ number }) => number),
    deliveries.map(({ position }) => position),
    ...toDeliveryColumns(deliveries),
    merged.map(({ places }) => places[0]),
  ];
  const { rows } = await session.query(statement, columns, { isPrepared: true });
  return new Set(rows.map(({ number }) => merged[Number(number) - 1]!));
}
