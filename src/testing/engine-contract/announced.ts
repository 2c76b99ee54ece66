import type { Arrival } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';

/** An event that announces a change to a handler of both formats. */
export function announced(event: WebhookEvent, id: string, format: string, handler = 'a'): Arrival {
  return { event, deliveries: [{ handler, change: { id, format } }] };
}
