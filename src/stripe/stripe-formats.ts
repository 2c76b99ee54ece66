import type { Change } from '../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { isNotification } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** Stripe announces a change as a snapshot event, as an event notification, or as both. */
export const SNAPSHOT = 'snapshot';
export const NOTIFICATION = 'notification';

/**
 * The change that an event announces: a snapshot event its own, a notification that of the snapshot event
 * it names in `snapshot_event`.
 */
export function stripeChangeOf({ id, payload }: WebhookEvent): Change | undefined {
  const envelope = payload as StripeEnvelope & { readonly snapshot_event?: unknown };
  if (!isNotification(envelope)) return { id, format: SNAPSHOT };
  const { snapshot_event: snapshotId } = envelope;
  return typeof snapshotId === 'string' ? { id: snapshotId, format: NOTIFICATION } : undefined;
}
