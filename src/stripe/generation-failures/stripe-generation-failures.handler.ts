import { Injectable } from '@nestjs/common';
import { SkipDelivery } from '../../errors/skip-delivery.error.js';
import type { WebhookHandlerDecorator } from '../../handlers/event-types.js';
import { addSubscription } from '../../handlers/webhook-handler.accessor.js';
import { formatOfType } from '../event-types/known-event-types.js';
import { StripeNeedsService } from '../needs/stripe-needs.service.js';
import { ReconciledEvents } from '../reconcile/reconciled-events.js';
import { SNAPSHOT } from '../stripe-formats.js';
import { notificationFilter } from '../stripe-scope.js';
import type { StripeSubscription } from '../stripe-subscription.interface.js';
import type { StripeWebhookContext } from '../stripe-webhook-context.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import { readGenerationFailure } from './generation-failure.js';
import type { GenerationFailure } from './generation-failure.js';
import { notificationInstead, snapshotInstead } from './stand-in-event.js';

/** What Stripe sends when it could not make an event, ever. In public preview as of 2026. */
const GENERATION_FAILURE = 'v2.core.health.event_generation_failure.resolved';

interface Alert {
  readonly id: string;
  readonly created: string;
  readonly livemode: boolean;
  readonly fetchEvent: () => Promise<unknown>;
}

/**
 * Handles Stripe's alert that it failed to make an event: fetches the object that the event was to be about,
 * and runs the handlers of the event with a stand-in, of which the object as it is now is a part. It is a
 * handler as any other: add it to the providers of a module.
 *
 * The stand-in's id is `ungenerated_` and the alert's; `context.arrivedBy` is `reconciled`. What the object was
 * when the event should have been made, nobody knows: there is no `previous_attributes`, and handlers with
 * `changed` skip it.
 */
@Injectable()
export class StripeGenerationFailures {
  constructor(
    private readonly needs: StripeNeedsService,
    private readonly events: ReconciledEvents,
  ) {}

  /**
   * @throws NonRetriableError for an object that is gone, and for an alert that does not say what is missing;
   * the SDK's errors, so that it is tried again.
   */
  @OnGenerationFailure()
  async recover(alert: Alert, context: StripeWebhookContext): Promise<void> {
    const failure = readGenerationFailure(await alert.fetchEvent(), alert);
    const endpoints = this.#endpointsFor(failure, context);
    if (endpoints.length === 0) {
      throw new SkipDelivery(`no handler listens to ${failure.type} of this account`);
    }
    const [cameBy] = this.needs.stripeEndpoints(context.endpoint);
    const event =
      formatOfType(failure.type) === SNAPSHOT
        ? await snapshotInstead(failure, cameBy!)
        : notificationInstead(failure);
    for (const endpoint of endpoints) await this.events.put(event, endpoint);
  }

  #endpointsFor(
    { type, context: whose, livemode }: GenerationFailure,
    { source }: StripeWebhookContext,
  ): StripeEndpoint[] {
    return this.needs
      .stripeEndpoints()
      .filter(
        (endpoint) =>
          endpoint.source === source &&
          this.needs
            .ofEndpoint(endpoint, livemode, { withReplies: false })
            .needs.some(
              ({ types, format, ofAccount, ofConnect }) =>
                format === formatOfType(type) &&
                types.has(type) &&
                (whose === undefined ? ofAccount : ofConnect),
            ),
      );
  }
}

/** The SDK does not know the type yet. Its accounts are the endpoint's, whichever it is. */
function OnGenerationFailure(): WebhookHandlerDecorator<Alert, StripeWebhookContext<never>> {
  const types = [GENERATION_FAILURE];
  const subscription: StripeSubscription = {
    sender: 'stripe',
    hasScope: true,
    filter: {},
    types,
    formats: ['notification'],
    skipReason: notificationFilter({}, types),
  };
  return (target, method) => addSubscription(target, method, subscription);
}
