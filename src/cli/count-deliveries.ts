import type { StoredEvent } from '../inbox/delivery.interface.js';

/** Such as `2 succeeded, 1 dead`; empty for none. */
export function countDeliveries(events: readonly StoredEvent[]): string {
  const counts = new Map<string, number>();
  for (const { status } of events.flatMap(({ deliveries }) => deliveries)) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}
