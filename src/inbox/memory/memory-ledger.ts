import type { DeliveryStatus } from '../delivery.interface.js';
import { isSettled } from '../delivery.interface.js';
import type { EventPage, EventQuery } from '../event-query.interface.js';
import type { EngineStats, PruneReport, PruneTimes } from '../webhook-engine.interface.js';
import { matchesFilter } from './matches-filter.js';
import type { MemoryEventStore } from './memory-event-store.js';
import type { MemoryEvent } from './memory-event.js';

const DEFAULT_LIMIT = 100;

/** What can be asked about all events of the memory engine. It looks at every one of them. */
export class MemoryLedger {
  constructor(private readonly events: MemoryEventStore) {}

  list({ limit = DEFAULT_LIMIT, cursor, ...filter }: EventQuery): EventPage {
    const before = cursor === undefined ? Infinity : Number(cursor);
    const found: MemoryEvent[] = [];
    for (const event of [...this.events.values()].reverse()) {
      if (event.sequence >= before || !matchesFilter(event.toStoredEvent(), filter)) continue;
      if (found.length === limit) {
        return { events: found.map(toStoredEvent), cursor: String(found.at(-1)!.sequence) };
      }
      found.push(event);
    }
    return { events: found.map(toStoredEvent) };
  }

  stats(): Pick<EngineStats, 'deliveries' | 'oldestUnfinishedAt'> {
    const deliveries: Record<DeliveryStatus, number> = {
      pending: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      dead: 0,
      skipped: 0,
    };
    let oldestMs = Infinity;
    for (const event of this.events.values()) {
      for (const { status } of event.deliveries) deliveries[status] += 1;
      if (event.deliveries.every(isSettled)) continue;
      oldestMs = Math.min(oldestMs, event.facts.receivedAtMs);
    }
    const oldestUnfinishedAt = oldestMs === Infinity ? undefined : new Date(oldestMs);
    return { deliveries, oldestUnfinishedAt };
  }

  prune(before: PruneTimes): PruneReport {
    let [bodies, events] = [0, 0];
    for (const event of this.events.values()) {
      if (!event.deliveries.every(isSettled)) continue;
      const { receivedAtMs } = event.facts;
      if (receivedAtMs < before.events.getTime()) {
        this.events.forget(event);
        events += 1;
      } else if (receivedAtMs < before.bodies.getTime() && event.bodyBytes() > 0) {
        this.events.dropBodies(event);
        bodies += 1;
      }
    }
    return { bodies, events };
  }
}

function toStoredEvent(event: MemoryEvent): ReturnType<MemoryEvent['toStoredEvent']> {
  return event.toStoredEvent();
}
