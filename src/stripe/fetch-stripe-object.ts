import type { WebhookContext } from '../handlers/webhook-context.js';
import type { StripeDeletedObject } from './stripe-object-map.js';
import { objectOf, pathOf } from './stripe-object-reference.js';
import type { SnapshotObject } from './stripe-object-reference.js';
import { isNotification } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';
import type { StripeWebhookContext } from './stripe-webhook-context.js';

interface FetchablePayload extends StripeEnvelope {
  readonly data?: { readonly object: SnapshotObject };
  readonly fetchRelatedObject?: () => Promise<unknown>;
}

/**
 * The present state of the object that an event is about, fetched for the event's account.
 * @throws StripeClientError where there is no client, and the SDK's errors, but for an object that is gone.
 */
export async function fetchStripeObject(
  payload: unknown,
  context: WebhookContext,
): Promise<unknown> {
  const envelope = payload as FetchablePayload;
  const reference = objectOf(payload)!;
  const deleted: StripeDeletedObject = { id: reference.id, deleted: true };
  try {
    const object = isNotification(envelope)
      ? await envelope.fetchRelatedObject!()
      : await (context as StripeWebhookContext).stripe.rawRequest(
          'GET',
          pathOf(reference, envelope.data!.object),
        );
    return (object as { deleted?: unknown }).deleted === true ? deleted : object;
  } catch (error) {
    if (isGone(error)) return deleted;
    throw error;
  }
}

/** What Stripe adds where the object is there, and the key is of the other mode. */
const OF_OTHER_MODE = /a similar object exists in (?:live|test) mode/;

/**
 * Whether Stripe says that there is no such object any more. By the error's fields: the SDK's classes differ
 * between its two module formats.
 */
export function isGone(error: unknown): boolean {
  const { statusCode, code, message } = error as Readonly<Record<string, unknown>>;
  if (statusCode !== 404 || OF_OTHER_MODE.test(String(message))) return false;
  return code === 'resource_missing' || code === 'not_found';
}
