import { DELIVERY_STATUSES } from '../inbox/delivery.interface.js';
import type { DeliveryStatus } from '../inbox/delivery.interface.js';
import type { EventPage, EventQuery } from '../inbox/event-query.interface.js';
import type { EngineStats } from '../inbox/webhook-engine.interface.js';
import type { EventKey, WebhookEvent } from '../inbox/webhook-event.interface.js';
import { toDate, toStoredEvents, toWebhookEvent } from './read-rows.js';
import type { SqlDatabase, SqlRow } from './sql-database.interface.js';
import { inSchema, queryInSchema } from './in-schema.js';
import {
  COUNT_OPEN,
  ESTIMATE_FINISHED,
  LIST_DEAD,
  LIST_EVENTS,
  LIST_OPEN,
  LOAD_EVENT,
  SUMMARIZE,
  USE_INDEXES,
} from './ledger-statements.js';

const DEFAULT_LIMIT = 100;
/** 16 MB, which are some 50,000 deliveries: below that, all are counted. */
const SAMPLE_PAGES = 2000;

/** What can be asked about all events. */
export class Ledger {
  constructor(
    private readonly database: SqlDatabase,
    private readonly schema: string,
  ) {}

  async list({ limit = DEFAULT_LIMIT, ...query }: EventQuery): Promise<EventPage> {
    const isPrefix = query.type?.endsWith('*');
    const rows = await queryInSchema(this.database, this.schema, listStatement(query.status), [
      query.cursor ?? null,
      query.source ?? null,
      query.id ?? null,
      isPrefix ? null : (query.type ?? null),
      isPrefix ? query.type!.slice(0, -1) : null,
      query.endpoint ?? null,
      query.account ?? null,
      query.livemode ?? null,
      query.handler ?? null,
      query.status ?? null,
      query.since ?? null,
      query.until ?? null,
      // One more, which shows that there is another page.
      limit + 1,
    ]);
    const events = [...toStoredEvents(rows).values()];
    if (events.length <= limit) return { events };
    const rowIds = [...new Set(rows.map((row) => String(row['row_id'])))];
    return { events: events.slice(0, limit), cursor: rowIds[limit - 1]! };
  }

  async stats(): Promise<Omit<EngineStats, 'paused'>> {
    const { counts, summary } = await this.#count();
    const countOf = (status: DeliveryStatus): number =>
      Number(counts.find((row) => row['status'] === status)?.['count'] ?? 0);
    const oldest = summary?.['oldest'];
    return {
      deliveries: Object.fromEntries(
        DELIVERY_STATUSES.map((status) => [status, countOf(status)]),
      ) as Record<DeliveryStatus, number>,
      oldestUnfinishedAt: oldest ? toDate(oldest) : undefined,
      lastMinute: {
        receivedEvents: Number(summary?.['received']),
        settledDeliveries: Number(summary?.['settled']),
      },
      blockedLanes: Number(summary?.['blocked']),
    };
  }

  #count(): Promise<{ counts: readonly SqlRow[]; summary: SqlRow | undefined }> {
    return this.database.transaction(async (session) => {
      await session.query(USE_INDEXES);
      const open = await session.query(inSchema(COUNT_OPEN, this.schema));
      const finished = await session.query(inSchema(ESTIMATE_FINISHED, this.schema), [
        SAMPLE_PAGES,
      ]);
      const { rows } = await session.query(inSchema(SUMMARIZE, this.schema));
      return { counts: [...open.rows, ...finished.rows], summary: rows[0] };
    });
  }

  async load({ source, id }: EventKey): Promise<WebhookEvent | undefined> {
    const [row] = await queryInSchema(this.database, this.schema, LOAD_EVENT, [source, id]);
    return row && toWebhookEvent(row);
  }
}

function listStatement(status: DeliveryStatus | undefined): string {
  if (status === 'dead') return LIST_DEAD;
  const isOpen = status === 'pending' || status === 'running' || status === 'failed';
  return isOpen ? LIST_OPEN : LIST_EVENTS;
}
