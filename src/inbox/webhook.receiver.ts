import { Inject, Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { DeliveriesUnfinishedError } from '../errors/deliveries-unfinished.error.js';
import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import { WebhookDispatcher } from '../handlers/webhook.dispatcher.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import type { Clock } from './clock.js';
import { isSettled } from './delivery.interface.js';
import type { StoredEvent } from './delivery.interface.js';
import { eventRepeated, eventStored } from './diagnostics.js';
import { InboxLifecycle } from './inbox-lifecycle.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from './tokens.js';
import type { Arrival, WantedDelivery, WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookEvent } from './webhook-event.interface.js';

/** Takes a verified event to its answer: match, store, run, all settled. */
@Injectable()
export class WebhookReceiver {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    private readonly dispatcher: WebhookDispatcher,
    private readonly lifecycle: InboxLifecycle,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @returns The event with every delivery settled.
   * @throws DeliveriesUnfinishedError, InboxUnavailableError
   */
  receive(event: WebhookEvent): Promise<StoredEvent> {
    this.lifecycle.assertOpen();
    return this.lifecycle.track(async () => {
      const deliveries = this.#match(event);
      await this.#store({ event, deliveries });
      return this.#finish(event, deliveries);
    });
  }

  #match(event: WebhookEvent): readonly WantedDelivery[] {
    const endpoint = this.endpoints.get(event.endpoint);
    return this.handlers.match(event, endpoint.skipReason(event.payload));
  }

  async #store(arrival: Arrival): Promise<void> {
    const { source, id: eventId, type, endpoint } = arrival.event;
    const [acceptance] = await this.engine.accept([arrival]).catch(asUnavailable);
    const channel = acceptance!.status === 'accepted' ? eventStored : eventRepeated;
    channel.publish({ source, eventId, type, endpoint });
  }

  async #finish(event: WebhookEvent, deliveries: readonly WantedDelivery[]): Promise<StoredEvent> {
    const timeoutMs = this.dispatcher.longestTimeoutMs(deliveries.map(({ handler }) => handler));
    const attempted = await this.#attempted(event, timeoutMs);
    const stored = attempted ?? (await this.engine.find(event))!;
    const unfinished = stored.deliveries.filter((delivery) => !isSettled(delivery));
    if (unfinished.length === 0) return stored;
    throw new DeliveriesUnfinishedError(
      event.id,
      unfinished.map(({ handler }) => handler),
    );
  }

  /** Resolves when the deliveries were attempted, or when the sender has waited enough. */
  #attempted(event: WebhookEvent, timeoutMs: number): Promise<StoredEvent | undefined> {
    return new Promise((resolve, reject) => {
      const stopWaiting = (stored?: StoredEvent): void => {
        cancelTimer();
        forget();
        resolve(stored);
      };
      const cancelTimer = this.clock.setTimer(stopWaiting, timeoutMs);
      const forget = this.lifecycle.onGiveUp(stopWaiting);
      this.engine.attempted(event).then(stopWaiting, reject);
    });
  }
}

/** Whatever keeps the engine from storing, the sender can only come again. */
function asUnavailable(error: unknown): never {
  if (error instanceof InboxUnavailableError) throw error;
  throw new InboxUnavailableError('The engine could not store the event.', 10, { cause: error });
}
