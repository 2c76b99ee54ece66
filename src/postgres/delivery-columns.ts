import type { OnDead, Outcome, WantedDelivery } from '../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { toText } from './columns.js';
import { createUuid } from './create-job-id.js';

/** A delivery that is stored, and the event it runs on. */
export interface NewDelivery {
  readonly jobId: string;
  readonly delivery: WantedDelivery;
  readonly event: WebhookEvent;
}

/**
 * What deliveries are stored with, as one array for each column: job id, handler, status, reason, attempts,
 * error, reply, lane, burst, change, format, on dead.
 */
export function toDeliveryColumns(deliveries: readonly NewDelivery[]): unknown[][] {
  const rows = deliveries.map(toRow);
  return Array.from({ length: COLUMN_COUNT }, (_, column) => rows.map((row) => row[column]));
}

const COLUMN_COUNT = 12;

function toRow({ jobId, delivery, event: { source } }: NewDelivery): unknown[] {
  const { handler, skipReason, settled, lane, coalesceMs, change } = delivery;
  const runs = isToRun(delivery);
  const outcome = settled?.outcome;
  return [
    jobId,
    handler,
    outcome?.status ?? (skipReason === undefined ? 'pending' : 'skipped'),
    reasonOf(outcome) ?? skipReason ?? null,
    settled?.attempts ?? 0,
    outcome?.status === 'dead' ? JSON.stringify(outcome.error) : null,
    settled?.reply ?? null,
    runs ? toLaneKey(source, lane) : null,
    runs && lane !== undefined && coalesceMs !== undefined
      ? createUuid([source, lane, handler])
      : null,
    runs && change ? createUuid([source, handler, change.id]) : null,
    runs && change ? change.format : null,
    runs ? onDeadOf(delivery) : null,
  ];
}

/** It was neither turned away by a filter nor run before it is stored. */
export function isToRun({ skipReason, settled }: WantedDelivery): boolean {
  return skipReason === undefined && settled === undefined;
}

/** What a delivery that is run anew has in these columns: lane, change, format, on dead. */
export function toReplayColumns(
  source: string,
  { handler, change, ...delivery }: WantedDelivery,
): unknown[] {
  return [
    toLaneKey(source, delivery.lane),
    change ? createUuid([source, handler, change.id]) : null,
    change?.format ?? null,
    onDeadOf({ handler, ...delivery }),
  ];
}

/** The lane as it is stored. */
export function toLaneKey(source: string, lane: string | undefined): string | null {
  return lane === undefined ? null : createUuid([source, lane]);
}

/** Null where its lane keeps no order. */
export function onDeadOf({ lane, order, onDead = 'block' }: WantedDelivery): OnDead | null {
  return lane !== undefined && order === 'fifo' ? onDead : null;
}

function reasonOf(outcome: Outcome | undefined): string | undefined {
  return outcome?.status === 'skipped' ? toText(outcome.reason) : undefined;
}
