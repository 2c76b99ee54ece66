import type { DeliveryStatus, StoredEvent } from './delivery.interface.js';

/** Which events are meant. Every field narrows; none at all means every event. */
export interface EventFilter {
  readonly source?: string;
  /** The event's id. */
  readonly id?: string;
  /** A type, or a prefix such as `invoice.*`. */
  readonly type?: string;
  /** The endpoint it came by first. */
  readonly endpoint?: string;
  readonly account?: string;
  readonly livemode?: boolean;
  /** Events that have a delivery of this handler. */
  readonly handler?: string;
  /** Events that have a delivery of this status; together with `handler`, the handler's. */
  readonly status?: DeliveryStatus;
  /** Received at this time or later. */
  readonly since?: Date;
  /** Received before this time. */
  readonly until?: Date;
}

export interface EventQuery extends EventFilter {
  /**
   * How many events a page has at most, between 1 and 1000.
   * @default 100
   */
  readonly limit?: number;
  /** The `cursor` of the page before. */
  readonly cursor?: string;
}

export interface EventPage {
  /** The last stored first. */
  readonly events: readonly StoredEvent[];
  /** Leads to the next page; undefined on the last one. */
  readonly cursor?: string;
}
