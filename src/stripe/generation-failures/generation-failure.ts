import { NonRetriableError } from '../../errors/non-retriable.error.js';
import type { StripeObjectReference } from '../stripe-object-reference.js';

/** The event that Stripe could not make. */
export interface GenerationFailure {
  /** The id of the alert that says so. */
  readonly alertId: string;
  /** When Stripe said so. */
  readonly created: string;
  readonly livemode: boolean;
  readonly type: string;
  /** The connected account it was to be of; undefined for the own one. */
  readonly context: string | undefined;
  readonly object: StripeObjectReference & { readonly url: unknown };
}

interface AlertBody {
  readonly data?: {
    readonly impact?: {
      readonly event_type?: unknown;
      readonly context?: unknown;
      readonly related_object?: {
        readonly id?: unknown;
        readonly type?: unknown;
        readonly url?: unknown;
      } | null;
    };
  };
}

/** @throws NonRetriableError for an alert that does not say which event of which object is missing. */
export function readGenerationFailure(
  body: unknown,
  { id, created, livemode }: { readonly id: string; created: string; livemode: boolean },
): GenerationFailure {
  const {
    event_type: type,
    context,
    related_object: related,
  } = (body as AlertBody | undefined)?.data?.impact ?? {};
  const { id: objectId, type: kind, url } = related ?? {};
  if (typeof type === 'string' && typeof objectId === 'string' && typeof kind === 'string') {
    const whose = typeof context === 'string' && context !== '' ? context : undefined;
    const object = { kind, id: objectId, url };
    return { alertId: id, created, livemode, type, context: whose, object };
  }
  throw new NonRetriableError(
    'The alert does not say which event of which object Stripe could not make. Look it up in the Health tab ' +
      'of Workbench, and see that the API version of the Stripe client is one that has these alerts.',
  );
}
