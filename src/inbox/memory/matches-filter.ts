import type { StoredEvent } from '../delivery.interface.js';
import type { EventFilter } from '../event-query.interface.js';

/** Whether an event is one of those that a filter means. */
export function matchesFilter(event: StoredEvent, filter: EventFilter): boolean {
  const { type, handler, status, since, until } = filter;
  return (
    isAny(filter.source, event.source) &&
    isAny(filter.id, event.id) &&
    isAny(filter.endpoint, event.endpoint) &&
    isAny(filter.account, event.account) &&
    isAny(filter.livemode, event.livemode) &&
    (type === undefined || isOfType(event.type, type)) &&
    (since === undefined || event.receivedAt >= since) &&
    (until === undefined || event.receivedAt < until) &&
    ((handler === undefined && status === undefined) ||
      event.deliveries.some(
        (delivery) => isAny(handler, delivery.handler) && isAny(status, delivery.status),
      ))
  );
}

function isAny<T>(wanted: T | undefined, actual: T | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function isOfType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}
