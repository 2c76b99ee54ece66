import type { Delivery, StoredEvent } from '../inbox/delivery.interface.js';
import type { DueDelivery, OnDead } from '../inbox/webhook-engine.interface.js';
import type { ArrivedBy, EventKey, WebhookEvent } from '../inbox/webhook-event.interface.js';
import { keyOf } from './event-key.js';
import type { SqlRow } from './sql-database.interface.js';

/** A delivery that was taken to be run, and by which taking. */
export interface TakenDelivery extends DueDelivery {
  readonly jobId: string;
  readonly claim: number;
  /** What else is to be done when it settles: whether it has a lane, a change, or stands for others. */
  readonly lane: string | undefined;
  readonly change: string | undefined;
  readonly burst: string | undefined;
  /** Set where its lane keeps its order. */
  readonly onDead: OnDead | undefined;
  /** Its handler is paused: it is not to be run. */
  readonly isPaused: boolean;
  /** Somebody has deleted the body of its event: it cannot be run. */
  readonly isBodyGone: boolean;
}

/** A row of START_ATTEMPTS. */
export function toTakenDelivery(row: SqlRow): TakenDelivery {
  return {
    event: toWebhookEvent(row),
    handler: row['handler'] as string,
    attempt: row['attempts'] as number,
    replays: row['replay'] as number,
    jobId: row['job_id'] as string,
    claim: row['claim'] as number,
    lane: (row['lane'] as string | null) ?? undefined,
    change: (row['change'] as string | null) ?? undefined,
    burst: (row['burst'] as string | null) ?? undefined,
    onDead: (row['on_dead'] as OnDead | null) ?? undefined,
    isPaused: row['is_paused'] as boolean,
    isBodyGone: row['raw_body'] === null,
  };
}

/** A row with what an event is made of. */
export function toWebhookEvent(row: SqlRow): WebhookEvent {
  return {
    source: row['source'] as string,
    id: row['event_id'] as string,
    type: row['type'] as string,
    endpoint: row['endpoint'] as string,
    receivedAt: toDate(row['received_at']),
    arrivedBy: row['arrived_by'] as ArrivedBy,
    secretLabel: (row['secret_label'] as string | null) ?? undefined,
    headers: toHeaders(row['headers']),
    rawBody: toBuffer((row['raw_body'] as Uint8Array | null) ?? NO_BYTES),
    ...toFacts(row),
  };
}

/** The identity in a row that has `source` and `event_id`. */
export function toEventKey(row: SqlRow): EventKey {
  return { source: row['source'] as string, id: row['event_id'] as string };
}

/** The rows of FIND_EVENTS, as the events they are of, by their key. */
export function toStoredEvents(rows: readonly SqlRow[]): Map<string, StoredEvent> {
  const events = new Map<string, StoredEvent & { deliveries: Delivery[] }>();
  for (const row of rows) {
    const key = toEventKey(row);
    let event = events.get(keyOf(key));
    if (!event) {
      event = {
        ...key,
        type: row['type'] as string,
        endpoint: row['endpoint'] as string,
        receivedAt: toDate(row['received_at']),
        arrivedBy: row['arrived_by'] as ArrivedBy,
        ...toFacts(row),
        deliveries: [],
      };
      events.set(keyOf(key), event);
    }
    if (row['handler'] !== null) event.deliveries.push(toDelivery(row));
  }
  return events;
}

function toDelivery(row: SqlRow): Delivery {
  const delivery: { -readonly [K in keyof Delivery]: Delivery[K] } = {
    handler: row['handler'] as string,
    endpoint: row['delivery_endpoint'] as string,
    status: row['status'] as Delivery['status'],
    attempts: row['attempts'] as number,
  };
  if (row['replay'] !== 0) delivery.replays = row['replay'] as number;
  if (row['reason'] !== null) delivery.reason = row['reason'] as string;
  if (row['error'] !== null) delivery.error = JSON.parse(row['error'] as string);
  if (row['is_blocking'] === true) delivery.isBlocking = true;
  if (row['retry_at'] !== null) delivery.retryAt = toDate(row['retry_at']);
  if (row['reply'] !== null) delivery.reply = JSON.parse(row['reply'] as string);
  return delivery;
}

/** What a sender may or may not say of an event. */
function toFacts(row: SqlRow): Pick<WebhookEvent, 'account' | 'livemode'> {
  return {
    account: (row['account'] as string | null) ?? undefined,
    livemode: (row['livemode'] as boolean | null) ?? undefined,
  };
}

/** An application may have told `pg` to make other things of dates and JSON, or to leave them as text. */
export function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  return new Date(typeof value === 'number' ? value : String(value));
}

function toHeaders(value: unknown): Record<string, string> {
  return typeof value === 'string' ? JSON.parse(value) : (value as Record<string, string>);
}

const NO_BYTES = new Uint8Array();

/** PGlite gives plain byte arrays. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
