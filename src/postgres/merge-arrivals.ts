import type { Arrival, WantedDelivery } from '../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';

import { keyOf } from './event-key.js';

/** A delivery that is wanted, and the arrival that it runs on. */
export interface Wanted {
  readonly delivery: WantedDelivery;
  readonly event: WebhookEvent;
}

/** All arrivals of one event in a batch, as they come to if they are stored one after the other. */
export interface MergedArrival {
  /** As it arrived first. */
  readonly event: WebhookEvent;
  readonly wanted: readonly Wanted[];
  /** The places of its arrivals in the batch, the first one first. */
  readonly places: readonly number[];
}

/** Brings the arrivals of a batch together by event, in order of the events' keys. */
export function mergeArrivals(arrivals: readonly Arrival[]): MergedArrival[] {
  const merged = new Map<string, MergedArrival & { wanted: Wanted[]; places: number[] }>();
  for (const [place, { event, deliveries }] of arrivals.entries()) {
    const key = keyOf(event);
    let known = merged.get(key);
    if (!known) merged.set(key, (known = { event, wanted: [], places: [] }));
    known.places.push(place);
    for (const delivery of deliveries) add(known.wanted, { delivery, event });
  }
  return [...merged.values()].sort(
    (left, right) =>
      compare(left.event.source, right.event.source) || compare(left.event.id, right.event.id),
  );
}

function add(wanted: Wanted[], added: Wanted): void {
  const { handler, skipReason } = added.delivery;
  const index = wanted.findIndex(({ delivery }) => delivery.handler === handler);
  const known = wanted[index];
  if (!known) wanted.push(added);
  else if (known.delivery.skipReason !== undefined && skipReason === undefined)
    wanted[index] = added;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
