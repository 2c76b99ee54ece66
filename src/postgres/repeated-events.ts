import type { Clock } from '../inbox/clock.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { joinBodies } from './columns.js';
import { createJobId } from './create-job-id.js';
import { keyOf } from './event-key.js';
import type { JobQueue, NewJob } from './job-queue.js';
import type { Wanted } from './merge-arrivals.js';
import { toEventKey } from './read-rows.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';
import { inSchema } from './in-schema.js';
import {
  ADD_DELIVERIES,
  FIND_EVENT_IDS,
  LOCK_DELIVERIES,
  MAKE_DUE,
  STORE_ARRIVALS,
  UNSKIP_DELIVERIES,
} from './store-statements.js';

/** An event that is stored already, and the deliveries that its new arrivals want. */
export interface RepeatedEvent {
  readonly event: WebhookEvent;
  readonly wanted: readonly Wanted[];
}

/** A wanted delivery with what is stored of its event. */
interface Change extends Wanted {
  readonly eventId: string;
  readonly position: number;
  readonly jobId: string;
  /** Its arrival came by another endpoint than the event at first. */
  readonly isArrival: boolean;
}

/** Takes events that are stored already: what has failed is due again, what is missing is added. */
export class RepeatedEvents {
  constructor(
    private readonly queue: JobQueue,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  /** @returns Jobs to be inserted, and how many others are due again. */
  async take(
    session: SqlSession,
    events: readonly RepeatedEvent[],
  ): Promise<{ jobs: NewJob[]; dueCount: number }> {
    if (events.length === 0) return { jobs: [], dueCount: 0 };
    const stored = await this.#findStored(session, events);
    const { rows } = await this.#query(session, LOCK_DELIVERIES, [[...stored.ids]]);

    const dueCount = await this.#makeDue(session, rows);
    const { added, unskipped } = planChanges(events, stored.byKey, rows);
    await this.#storeArrivals(session, [...added, ...unskipped]);
    const jobIds = [
      ...(await this.#add(session, added)),
      ...(await this.#unskip(session, unskipped)),
    ];
    return { jobs: jobIds.map((id) => ({ id })), dueCount };
  }

  async #findStored(
    session: SqlSession,
    events: readonly RepeatedEvent[],
  ): Promise<{ ids: Set<string>; byKey: Map<string, SqlRow> }> {
    const { rows } = await this.#query(session, FIND_EVENT_IDS, [
      events.map(({ event }) => event.source),
      events.map(({ event }) => event.id),
    ]);
    return {
      ids: new Set(rows.map(({ id }) => String(id))),
      byKey: new Map(rows.map((row) => [keyOf(toEventKey(row)), row])),
    };
  }

  async #makeDue(session: SqlSession, rows: readonly SqlRow[]): Promise<number> {
    const failed = rows.filter(({ status }) => status === 'failed').map((row) => row['job_id']);
    if (failed.length === 0) return 0;
    const now = new Date(this.clock.now());
    const made = await this.#query(session, MAKE_DUE, [failed, now]);
    const ids = made.rows.map((row) => String(row['job_id']));
    await this.queue.makeDue(session, ids);
    return ids.length;
  }

  async #storeArrivals(session: SqlSession, changes: readonly Change[]): Promise<void> {
    const arrivals = changes.filter(({ isArrival }) => isArrival);
    if (arrivals.length === 0) return;
    const events = arrivals.map(({ event }) => event);
    const { bodies, offsets, lengths } = joinBodies(events);
    await this.#query(session, STORE_ARRIVALS, [
      arrivals.map(({ eventId }) => eventId),
      events.map(({ endpoint }) => endpoint),
      events.map(({ receivedAt }) => receivedAt),
      events.map(({ arrivedBy }) => arrivedBy),
      events.map(({ secretLabel }) => secretLabel ?? null),
      events.map(({ headers }) => JSON.stringify(headers)),
      offsets,
      lengths,
      bodies,
    ]);
  }

  async #add(session: SqlSession, added: readonly Change[]): Promise<string[]> {
    if (added.length === 0) return [];
    const { rows } = await this.#query(session, ADD_DELIVERIES, [
      added.map(({ eventId }) => eventId),
      added.map(({ delivery }) => delivery.handler),
      added.map(({ position }) => position),
      added.map(({ event }) => event.endpoint),
      added.map(({ isArrival }) => isArrival),
      added.map(({ jobId }) => jobId),
      added.map(({ delivery }) => (delivery.skipReason === undefined ? 'pending' : 'skipped')),
      added.map(({ delivery }) => delivery.skipReason ?? null),
      added.map(({ delivery }) => delivery.lane ?? null),
      added.map(({ delivery }) => delivery.change?.id ?? null),
      added.map(({ delivery }) => delivery.change?.format ?? null),
    ]);
    return rows.filter(({ status }) => status === 'pending').map((row) => String(row['job_id']));
  }

  async #unskip(session: SqlSession, unskipped: readonly Change[]): Promise<string[]> {
    if (unskipped.length === 0) return [];
    const { rows } = await this.#query(session, UNSKIP_DELIVERIES, [
      unskipped.map(({ jobId }) => jobId),
      unskipped.map(({ event }) => event.endpoint),
      unskipped.map(({ isArrival }) => isArrival),
    ]);
    return rows.map((row) => String(row['job_id']));
  }

  #query(
    session: SqlSession,
    statement: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: SqlRow[] }> {
    return session.query(inSchema(statement, this.schema), values);
  }
}

/** What the wanted deliveries change of those that are stored. */
function planChanges(
  events: readonly RepeatedEvent[],
  byKey: ReadonlyMap<string, SqlRow>,
  deliveries: readonly SqlRow[],
): { added: Change[]; unskipped: Change[] } {
  const added: Change[] = [];
  const unskipped: Change[] = [];
  for (const { event: first, wanted } of events) {
    const stored = byKey.get(keyOf(first));
    if (!stored) throw new Error(`Event ${first.id} was deleted while it was stored again.`);
    const eventId = String(stored['id']);
    const known = deliveries.filter((row) => String(row['event_id']) === eventId);
    let position = Math.max(-1, ...known.map((row) => Number(row['position'])));
    for (const { delivery, event } of wanted) {
      const isArrival = event.endpoint !== stored['endpoint'];
      const row = known.find(({ handler }) => handler === delivery.handler);
      const change = { delivery, event, eventId, isArrival };
      if (!row) {
        const jobId = createJobId(event.source, event.id, delivery.handler, 0);
        added.push({ ...change, jobId, position: ++position });
      } else if (wasTurnedAway(row) && delivery.skipReason === undefined) {
        unskipped.push({ ...change, jobId: String(row['job_id']), position });
      }
    }
  }
  return { added, unskipped };
}

/** A filter skipped it. What its handler skipped was attempted, and stays as it is. */
function wasTurnedAway({ status, attempts }: SqlRow): boolean {
  return status === 'skipped' && attempts === 0;
}
