import { eventRepeated, eventStored } from './diagnostics.js';
import type { Acceptance } from './webhook-engine.interface.js';
import type { WebhookEvent } from './webhook-event.interface.js';

/** Says on its channel that an event was stored, or came again. */
export function publishAcceptance(
  { source, id: eventId, type, endpoint }: WebhookEvent,
  { status }: Acceptance,
): void {
  const channel = status === 'accepted' ? eventStored : eventRepeated;
  if (!channel.hasSubscribers) return;
  channel.publish({ source, eventId, type, endpoint });
}
