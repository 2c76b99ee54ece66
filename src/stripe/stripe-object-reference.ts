import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { isNotification } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** Which object an event is about. */
export interface StripeObjectReference {
  /** Its `object`, such as `subscription`. */
  readonly kind: string;
  readonly id: string;
}

interface ObjectEnvelope extends StripeEnvelope {
  readonly data?: { readonly object?: SnapshotObject };
  readonly related_object?: { readonly type?: unknown; readonly id?: unknown } | null;
}

/** An object as a snapshot event has it, with what the paths of some need. */
export interface SnapshotObject {
  readonly object?: unknown;
  readonly id?: unknown;
  readonly account?: unknown;
  readonly customer?: unknown;
  readonly fee?: unknown;
}

/** The object that an event is about; undefined for one that has no id, or for none. */
export function objectOf(payload: unknown): StripeObjectReference | undefined {
  const envelope = payload as ObjectEnvelope;
  const { kind, id } = isNotification(envelope)
    ? { kind: envelope.related_object?.type, id: envelope.related_object?.id }
    : { kind: envelope.data?.object?.object, id: envelope.data?.object?.id };
  return typeof kind === 'string' && typeof id === 'string' ? { kind, id } : undefined;
}

type Parts = readonly [parent: string, parentId: unknown, child: string];

/** Objects below another one, which their own fields name. */
const NESTED: Readonly<Record<string, (object: SnapshotObject) => Parts>> = {
  bank_account: paymentSourceParts,
  capability: ({ account }) => ['accounts', account, 'capabilities'],
  card: paymentSourceParts,
  customer_cash_balance_transaction: ({ customer }) => [
    'customers',
    customer,
    'cash_balance_transactions',
  ],
  fee_refund: ({ fee }) => ['application_fees', fee, 'refunds'],
  person: ({ account }) => ['accounts', account, 'persons'],
};

/** Collections that are not called as their objects are. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  scheduled_query_run: 'sigma/scheduled_query_runs',
};

/**
 * Where Stripe's API has the object of a snapshot event: `/v1/subscriptions/sub_…`. A notification says it
 * itself.
 * @throws WebhookConfigurationError for an object without what its path is made of.
 */
export function pathOf({ kind, id }: StripeObjectReference, object: SnapshotObject): string {
  const nested = Object.hasOwn(NESTED, kind) ? NESTED[kind]!(object) : undefined;
  if (!nested) {
    const collection = COLLECTIONS[kind] ?? `${kind.replace('.', '/')}s`;
    return `/v1/${collection}/${encodeURIComponent(id)}`;
  }
  const [parent, parentId, child] = nested;
  if (typeof parentId !== 'string') {
    throw new WebhookConfigurationError(
      `The ${kind} ${id} cannot be fetched: the event does not name what it belongs to. Use @OnStripeEvent.`,
    );
  }
  return `/v1/${parent}/${encodeURIComponent(parentId)}/${child}/${encodeURIComponent(id)}`;
}

function paymentSourceParts({ account, customer }: SnapshotObject): Parts {
  return typeof account === 'string'
    ? ['accounts', account, 'external_accounts']
    : ['customers', customer, 'sources'];
}
