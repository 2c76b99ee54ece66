import type { Clock } from '../inbox/clock.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { toBodyColumns } from './columns.js';
import { createJobId } from './create-job-id.js';
import { keyOf } from './event-key.js';
import { isToRun, toDeliveryColumns } from './delivery-columns.js';
import type { NewDelivery } from './delivery-columns.js';
import type { JobQueue } from './job-queue.js';
import type { Wanted } from './merge-arrivals.js';
import { toEventKey } from './read-rows.js';
import type { SqlRow, SqlSession } from './sql-database.interface.js';
import { createConflict } from './sql-errors.js';
import { queryInSchema } from './in-schema.js';
import {
  ADD_DELIVERIES,
  FIND_EVENT_IDS,
  LOCK_DELIVERIES,
  MAKE_DUE,
  RESTORE_BODIES,
  STORE_ARRIVALS,
  UNSKIP_DELIVERIES,
} from './store-statements.js';

/** An event that is stored already, and the deliveries that its new arrivals want. */
export interface RepeatedEvent {
  readonly event: WebhookEvent;
  readonly wanted: readonly Wanted[];
}

/** A wanted delivery with what is stored of its event. */
interface Change extends NewDelivery {
  readonly eventId: string;
  readonly position: number;
  /** Its arrival came by another endpoint than the event at first. */
  readonly isArrival: boolean;
  /** The event's body is kept still. */
  readonly hasBody: boolean;
}

/** Takes events that are stored already: what has failed is due again, what is missing is added. */
export class RepeatedEvents {
  constructor(
    private readonly queue: JobQueue,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  /** @returns The deliveries that were not to run before, and how many others are due again. */
  async take(
    session: SqlSession,
    events: readonly RepeatedEvent[],
  ): Promise<{ stored: NewDelivery[]; dueCount: number }> {
    if (events.length === 0) return { stored: [], dueCount: 0 };
    const known = await this.#findStored(session, events);
    const rows = await queryInSchema(session, this.schema, LOCK_DELIVERIES, [[...known.ids]]);

    const dueCount = await this.#makeDue(session, rows);
    const { added, unskipped } = planChanges(events, known.byKey, rows);
    await this.#restoreBodies(session, [...added, ...unskipped]);
    await this.#storeArrivals(session, [...added, ...unskipped]);
    const stored = [
      ...(await this.#add(session, added)),
      ...(await this.#unskip(session, unskipped)),
    ];
    return { stored, dueCount };
  }

  async #findStored(
    session: SqlSession,
    events: readonly RepeatedEvent[],
  ): Promise<{ ids: Set<string>; byKey: Map<string, SqlRow> }> {
    const rows = await queryInSchema(session, this.schema, FIND_EVENT_IDS, [
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
    const made = await queryInSchema(session, this.schema, MAKE_DUE, [failed, now]);
    const ids = made.map((row) => String(row['job_id']));
    await this.queue.makeDue(session, ids);
    return ids.length;
  }

  /** What is to run and had been forgotten is kept once more. */
  async #restoreBodies(session: SqlSession, changes: readonly Change[]): Promise<void> {
    const bodiless = changes.filter(({ delivery, hasBody }) => !hasBody && isToRun(delivery));
    if (bodiless.length === 0) return;
    const arrived = [...new Map(bodiless.map((change) => [change.eventId, change])).values()];
    const events = arrived.map(({ event }) => event);
    await queryInSchema(session, this.schema, RESTORE_BODIES, [
      arrived.map(({ eventId }) => eventId),
      ...toBodyColumns(events),
    ]);
  }

  async #storeArrivals(session: SqlSession, changes: readonly Change[]): Promise<void> {
    const arrivals = changes.filter(({ isArrival }) => isArrival);
    if (arrivals.length === 0) return;
    const events = arrivals.map(({ event }) => event);
    await queryInSchema(session, this.schema, STORE_ARRIVALS, [
      arrivals.map(({ eventId }) => eventId),
      events.map(({ endpoint }) => endpoint),
      events.map(({ receivedAt }) => receivedAt),
      events.map(({ arrivedBy }) => arrivedBy),
      ...toBodyColumns(events),
    ]);
  }

  async #add(session: SqlSession, added: readonly Change[]): Promise<Change[]> {
    if (added.length === 0) return [];
    const rows = await queryInSchema(session, this.schema, ADD_DELIVERIES, [
      added.map(({ eventId }) => eventId),
      added.map(({ position }) => position),
      added.map(({ event }) => event.endpoint),
      added.map(({ isArrival }) => isArrival),
      ...toDeliveryColumns(added),
    ]);
    return pickByJob(added, rows);
  }

  async #unskip(session: SqlSession, unskipped: readonly Change[]): Promise<Change[]> {
    if (unskipped.length === 0) return [];
    const rows = await queryInSchema(session, this.schema, UNSKIP_DELIVERIES, [
      unskipped.map(({ event }) => event.endpoint),
      unskipped.map(({ isArrival }) => isArrival),
      ...toDeliveryColumns(unskipped),
    ]);
    return pickByJob(unskipped, rows);
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
    // Stored once more, it is new.
    if (!stored) throw createConflict(`Event ${first.id} was pruned while it was stored again.`);
    const eventId = String(stored['id']);
    const known = deliveries.filter((row) => String(row['event_id']) === eventId);
    let position = Math.max(-1, ...known.map((row) => Number(row['position'])));
    for (const { delivery, event } of wanted) {
      const isArrival = event.endpoint !== stored['endpoint'];
      const row = known.find(({ handler }) => handler === delivery.handler);
      const change = { delivery, event, eventId, isArrival, hasBody: stored['has_body'] === true };
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

function pickByJob(changes: readonly Change[], rows: readonly SqlRow[]): Change[] {
  const ids = new Set(rows.map((row) => row['job_id']));
  return changes.filter(({ jobId }) => ids.has(jobId));
}

/** A filter skipped it, or another has its change. */
function wasTurnedAway({ status, attempts }: SqlRow): boolean {
  return status === 'skipped' && attempts === 0;
}
