import { attemptRecorded } from './diagnostics.js';
import type { DueDelivery, Outcome } from './webhook-engine.interface.js';

/** Says on its channel that what an attempt came to is kept, and can be found. */
export function publishRecorded(
  { event, handler, attempt }: DueDelivery,
  { status }: Outcome,
): void {
  // Nothing was attempted where the handler is not known.
  if (status === 'unknown-handler' || !attemptRecorded.hasSubscribers) return;
  const { source, id: eventId, type } = event;
  attemptRecorded.publish({ source, eventId, type, handler, attempt, status });
}
