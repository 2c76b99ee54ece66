import type { Arrival, WantedDelivery } from '../../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../../inbox/webhook-event.interface.js';

/** An event whose deliveries, to `a` unless others are given, are in a lane that keeps its order. */
export function fifoArrival(
  event: WebhookEvent,
  lane: string,
  more: Partial<WantedDelivery> = {},
  ...handlers: string[]
): Arrival {
  const ids = handlers.length > 0 ? handlers : ['a'];
  return {
    event,
    deliveries: ids.map((handler) => ({ handler, lane, order: 'fifo', ...more })),
  };
}
