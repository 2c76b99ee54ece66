import type { ArrivedBy } from './webhook-event.interface.js';

/**
 * Where a delivery stands. `failed` is going to be run again; `succeeded`, `skipped` and `dead` are
 * settled.
 */
export type DeliveryStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'dead' | 'skipped';

/** What is kept of an error: never its stack or its own properties, and the message cut at 1 KB. */
export interface KeptError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
}

/** One event for one handler: the row of the ledger. */
export interface Delivery {
  readonly handler: string;
  /** The endpoint whose body the handler gets. */
  readonly endpoint: string;
  readonly status: DeliveryStatus;
  /** Runs so far, the present one included; since the last replay. */
  readonly attempts: number;
  /** How often it was replayed. Left out for none. */
  readonly replays?: number;
  /** Why it was skipped. */
  readonly reason?: string;
  /** Why the last attempt failed. */
  readonly error?: KeptError;
  /** Not before this moment is a failed delivery run again. */
  readonly retryAt?: Date;
  /** Its lane waits for it, because it is dead. Left out for others. */
  readonly isBlocking?: boolean;
  /** Of a reply handler: the body that the sender was answered, its own or the fallback. */
  readonly reply?: unknown;
}

/** An event in the inbox with its deliveries. */
export interface StoredEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly receivedAt: Date;
  readonly arrivedBy: ArrivedBy;
  /** The sender's account that it is about, where the sender has such. */
  readonly account?: string | undefined;
  readonly livemode?: boolean | undefined;
  readonly deliveries: readonly Delivery[];
}

export const DELIVERY_STATUSES: readonly DeliveryStatus[] = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'dead',
  'skipped',
];

const SETTLED: ReadonlySet<DeliveryStatus> = new Set(['succeeded', 'skipped', 'dead']);

/** A filter skipped it, or another has its change. What its handler skipped was attempted, and stays. */
export function wasTurnedAway({
  status,
  attempts,
}: Pick<Delivery, 'status' | 'attempts'>): boolean {
  return status === 'skipped' && attempts === 0;
}

export function isSettled(delivery: Pick<Delivery, 'status'>): boolean {
  return SETTLED.has(delivery.status);
}
