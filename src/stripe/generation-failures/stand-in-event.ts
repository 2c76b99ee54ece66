import { NonRetriableError } from '../../errors/non-retriable.error.js';
import { isApiPath } from '../api/api-path.js';
import { isGone } from '../fetch-stripe-object.js';
import { stripeClientVersion } from '../stripe-client-version.js';
import { pathOf } from '../stripe-object-reference.js';
import { accountOf } from '../stripe-scope.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import type { GenerationFailure } from './generation-failure.js';

/**
 * A snapshot event with the object as it is now.
 * @throws NonRetriableError for an object that is gone, and the SDK's errors.
 */
export async function snapshotInstead(
  failure: GenerationFailure,
  endpoint: StripeEndpoint,
): Promise<object> {
  const { context, type, livemode, created } = failure;
  const account = accountOf({ context });
  const client = endpoint.clientFor({ livemode, ...(account !== undefined && { account }) });
  const object = await fetchPresent(failure, (path) => client.rawRequest('GET', path));
  return {
    id: idOf(failure),
    object: 'event',
    type,
    created: Math.floor(Date.parse(created) / 1000),
    livemode,
    api_version: stripeClientVersion(client) ?? null,
    ...(account !== undefined && { account }),
    pending_webhooks: 0,
    request: null,
    data: { object },
  };
}

/** An event notification, of which the object is no part. */
export function notificationInstead(failure: GenerationFailure): object {
  const { context, type, livemode, created, object } = failure;
  return {
    id: idOf(failure),
    object: 'v2.core.event',
    type,
    created,
    livemode,
    ...(context !== undefined && { context }),
    related_object: { id: object.id, type: object.kind, url: urlOf(failure) },
  };
}

/** The same for an alert that comes again. */
function idOf({ alertId }: GenerationFailure): string {
  return `ungenerated_${alertId}`;
}

/** Stripe's documentation has an address of the Dashboard in its place. */
function urlOf({ object }: GenerationFailure): string {
  if (isApiPath(object.url)) return object.url;
  if (!object.kind.startsWith('v2.')) return pathOf(object, {});
  throw new NonRetriableError(
    `The alert does not say where Stripe's API has ${object.kind} ${object.id}.`,
  );
}

async function fetchPresent(
  failure: GenerationFailure,
  get: (path: string) => Promise<unknown>,
): Promise<object> {
  try {
    const object = (await get(urlOf(failure))) as { readonly deleted?: unknown };
    if (object.deleted !== true) return object;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  const { type, object } = failure;
  throw new NonRetriableError(
    `Stripe could not make an event ${type}, and the ${object.kind} ${object.id} that it was to be about is gone ` +
      'by now. Do by hand what its handlers would have done.',
  );
}
