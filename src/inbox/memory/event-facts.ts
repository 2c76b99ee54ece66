import type { StoredEvent } from '../delivery.interface.js';
import type { WebhookEvent } from '../webhook-event.interface.js';

/** What stays of an event when its body is gone. */
export type EventFacts = Omit<StoredEvent, 'deliveries'>;

export function factsOf(event: WebhookEvent): EventFacts {
  const { source, id, type, endpoint, receivedAt, arrivedBy, account, livemode } = event;
  return { source, id, type, endpoint, receivedAt, arrivedBy, account, livemode };
}
