import { Inject, Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { DeliveriesUnfinishedError } from '../errors/deliveries-unfinished.error.js';

import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { WebhookDispatcher } from '../handlers/webhook.dispatcher.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import { defaultAck } from './ack.js';
import type { Ack } from './ack.js';
import type { Clock } from './clock.js';
import { isSettled } from './delivery.interface.js';
import type { StoredEvent } from './delivery.interface.js';
import { InboxLifecycle } from './inbox-lifecycle.js';
import { publishAcceptance } from './publish-acceptance.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from './tokens.js';
import type {
  Acceptance,
  Arrival,
  WantedDelivery,
  WebhookEngine,
} from './webhook-engine.interface.js';
import type { WebhookEvent } from './webhook-event.interface.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';

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
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
  ) {}

  /**
   * @returns The event as its deliveries have left it, or undefined where its storing was all to wait for.
   * @throws DeliveriesUnfinishedError, InboxUnavailableError
   */
  async receive(event: WebhookEvent): Promise<StoredEvent | undefined> {
    this.lifecycle.assertOpen();
    this.lifecycle.enter();
    try {
      const deliveries = this.#match(event);
      const acceptance = await this.#store({ event, deliveries });
      publishAcceptance(event, acceptance);
      if (!this.#waitsForHandlers(deliveries)) return undefined;
      const attempted = await this.#attempted(event, deliveries);
      const stored = attempted ?? (await this.engine.find(event)) ?? forgotten(event);
      return this.#assertSettled(stored);
    } finally {
      this.lifecycle.leave();
    }
  }

  /**
   * Stores an event in a transaction of the caller's, and waits for none of its deliveries. Nothing is
   * published: only the caller will know whether he has committed.
   * @returns The event as the transaction sees it.
   */
  async receiveWithin(transaction: unknown, event: WebhookEvent): Promise<StoredEvent> {
    this.#assertTransactional();
    this.lifecycle.assertOpen();
    this.lifecycle.enter();
    try {
      await this.engine.accept([{ event, deliveries: this.#match(event) }], transaction);
      return (await this.engine.find(event, transaction))!;
    } finally {
      this.lifecycle.leave();
    }
  }

  #assertTransactional(): void {
    if (this.engine.capabilities.transactional) return;
    throw new WebhookConfigurationError(
      'receive() was given a transaction, and the configured engine takes none. Leave it out, or use ' +
        'postgresEngine with a server.',
    );
  }

  #match(event: WebhookEvent): readonly WantedDelivery[] {
    const endpoint = this.endpoints.get(event.endpoint);
    return this.handlers.match(event, endpoint.skipReason(event.payload));
  }

  #waitsForHandlers(deliveries: readonly WantedDelivery[]): boolean {
    let isWanted = false;
    for (const { handler, skipReason } of deliveries) {
      if (skipReason !== undefined) continue;
      if (this.#ackOf(handler) === 'handled') return true;
      isWanted = true;
    }
    return !isWanted && this.#defaultAck === 'handled';
  }

  #ackOf(handler: string): Ack {
    return this.handlers.get(handler)?.ack ?? this.#defaultAck;
  }

  get #defaultAck(): Ack {
    return this.settings.ack ?? defaultAck(this.engine.capabilities);
  }

  #assertSettled(stored: StoredEvent): StoredEvent {
    if (stored.deliveries.every(isSettled)) return stored;
    const unfinished = stored.deliveries.filter(
      (delivery) => !isSettled(delivery) && this.#ackOf(delivery.handler) === 'handled',
    );
    if (unfinished.length === 0) return stored;
    throw new DeliveriesUnfinishedError(
      stored.id,
      unfinished.map(({ handler }) => handler),
    );
  }

  /** Whatever keeps the engine from storing, the sender can only come again. */
  async #store(arrival: Arrival): Promise<Acceptance> {
    try {
      const [acceptance] = await this.engine.accept([arrival]);
      return acceptance!;
    } catch (error) {
      if (error instanceof InboxUnavailableError) throw error;
      throw new InboxUnavailableError('The engine could not store the event.', 10, {
        cause: error,
      });
    }
  }

  /** Resolves when the deliveries were attempted, or when the sender has waited enough. */
  #attempted(
    event: WebhookEvent,
    deliveries: readonly WantedDelivery[],
  ): Promise<StoredEvent | undefined> {
    const timeoutMs = this.dispatcher.longestTimeoutMs(deliveries);
    const attempted = this.engine.attempted(event);
    // Nothing in here holds on to the event: the engine may wait longer than the sender does.
    return new Promise((resolve, reject) => {
      const stopWaiting = (stored?: StoredEvent): void => {
        cancelTimer();
        forget();
        resolve(stored);
      };
      const cancelTimer = this.clock.setTimer(stopWaiting, timeoutMs);
      const forget = this.lifecycle.onGiveUp(stopWaiting);
      attempted.then(stopWaiting, reject);
    });
  }
}

/** Engines forget only what has nothing left to do. */
function forgotten(event: WebhookEvent): StoredEvent {
  const { source, id, type, endpoint, receivedAt, arrivedBy } = event;
  return { source, id, type, endpoint, receivedAt, arrivedBy, deliveries: [] };
}
