import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookHandlerDecorator } from '../handlers/event-types.js';
import { addStripeSubscription } from './add-stripe-subscription.js';
import { fetchStripeObject } from './fetch-stripe-object.js';
import type { StripeHandlerOptions } from './on-stripe-event.decorator.js';
import { NOTIFICATION, SNAPSHOT, stripeChangeOf } from './stripe-formats.js';
import type { StripeObject, StripeObjectAction, StripeObjectKind } from './stripe-object-map.js';
import { objectLaneOf } from './stripe-lane.js';
import { objectOf } from './stripe-object-reference.js';
import { assertFilter, filterReason } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';
import { actionOf } from './stripe-subscription.interface.js';
import type { StripeWebhookContext } from './stripe-webhook-context.js';

export interface StripeObjectOptions<Kind extends StripeObjectKind = StripeObjectKind> extends Omit<
  StripeHandlerOptions,
  'lane' | 'order' | 'onDead'
> {
  /**
   * Only events whose type ends so, such as `['created', 'updated']`.
   * @default every event about the object
   */
  readonly on?: readonly StripeObjectAction<Kind>[];
  /**
   * How long the first event of a burst waits for further ones about the same object, in milliseconds:
   * they get one fetch and one run. The sender waits for its answer as much longer.
   * @default 0: every event is a run of its own
   */
  readonly coalesceMs?: number;
}

/**
 * Makes a method a handler of the present state of objects: it gets the object freshly fetched, whichever
 * format announced a change of it, snapshot event or event notification, and in whichever order they came.
 * An object that is gone arrives as `{ deleted: true, id }`. Handlers of one object run one at a time. The
 * endpoint needs a client.
 *
 * @param kind What the object is: its `object`, such as `subscription` or `checkout.session`.
 *
 * @example
 * @OnStripeObject('subscription', { on: ['created', 'updated'], coalesceMs: 500 })
 * async mirror(subscription: StripeObject<'subscription'>): Promise<void> {}
 */
export function OnStripeObject<const Kind extends StripeObjectKind>(
  kind: Kind,
  given: StripeObjectOptions<Kind> = {},
): WebhookHandlerDecorator<StripeObject<Kind>, StripeWebhookContext<never>> {
  const { endpoint, scope, livemode, on, coalesceMs = 0, ...options } = given;
  const filter = { scope, livemode };
  const actions: readonly string[] | undefined = on;
  assertFilter(filter, '@OnStripeObject');
  if (!(Number.isFinite(coalesceMs) && coalesceMs >= 0 && coalesceMs <= MAX_COALESCE_MS)) {
    throw new WebhookConfigurationError(
      `@OnStripeObject: coalesceMs must be between 0 and ${MAX_COALESCE_MS} milliseconds.`,
    );
  }
  if (actions?.length === 0) {
    throw new WebhookConfigurationError(
      '@OnStripeObject: the list `on` is empty, so no event can reach it.',
    );
  }
  return (target, method) =>
    addStripeSubscription(target, method, {
      ...options,
      types: ['*'],
      filter,
      about: { kind, actions },
      ...(endpoint !== undefined && { endpoints: [endpoint].flat() }),
      isAbout: ({ type, payload }) =>
        objectOf(payload)?.kind === kind && (actions?.includes(actionOf(type)) ?? true),
      skipReason: ({ payload }) => filterReason(filter, payload as StripeEnvelope, 'the handler'),
      formats: [SNAPSHOT, NOTIFICATION],
      changeOf: stripeChangeOf,
      laneOf: ({ payload }) => objectLaneOf(payload),
      ...(coalesceMs > 0 && { coalesceMs }),
      load: fetchStripeObject,
    });
}

/** A sender waits for about thirty seconds. */
const MAX_COALESCE_MS = 20_000;
