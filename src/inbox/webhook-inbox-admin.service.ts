import { Inject, Injectable } from '@nestjs/common';
import { createWebhookEvent } from '../endpoints/create-webhook-event.js';
import type { ParsedEvent, WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { EventQueryError } from '../errors/event-query.error.js';
import { MalformedEventError } from '../errors/malformed-event.error.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import type { Clock } from './clock.js';
import type { StoredEvent } from './delivery.interface.js';
import type { EventFilter } from './event-query.interface.js';
import { HandlerRegistration } from './handler-registration.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from './tokens.js';
import type { PruneReport, WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';
import { WebhookPruner } from './webhook.pruner.js';
import { WebhookReplayer } from './webhook-replayer.js';
import type { ReplayOptions, ReplayReport } from './webhook-replayer.js';
import { WebhookReceiver } from './webhook.receiver.js';

export interface ReceiveOptions {
  /** The name of the endpoint it is to be treated as. */
  readonly endpoint: string;
  /**
   * The event as an object, or as JSON in a string or bytes. One of Stripe's may be in the envelope of
   * Amazon EventBridge or Azure Event Grid.
   */
  readonly event: unknown;
  /**
   * The event's id. Required for a sender whose bodies have none, which are all that sign by Standard
   * Webhooks: there it is the `webhook-id` or `svix-id` header. For others it may be left out.
   */
  readonly id?: string;
  /**
   * A transaction of your own, of the kind that the engine's transactions give. The event is stored in it:
   * its handlers run when you commit, and there is no event when you roll back.
   */
  readonly transaction?: unknown;
}

/** Which delivery is meant. */
export interface DeliveryKey {
  readonly source: string;
  readonly eventId: string;
  readonly handler: string;
}

/** Acts on the inbox. Keep it away from what the public can reach. */
@Injectable()
export class WebhookInboxAdmin {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    private readonly receiver: WebhookReceiver,
    private readonly registration: HandlerRegistration,
    private readonly replayer: WebhookReplayer,
    private readonly pruner: WebhookPruner,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Takes an event that was authenticated elsewhere, such as by a Lambda's event source or a queue's
   * permissions. **It verifies nothing.** The event goes the way of one that came by HTTP, and meets the
   * same event that did.
   *
   * @returns The event with its deliveries: every one settled, or as it was stored (`ack: 'stored'`).
   * @throws DeliveriesUnfinishedError when a handler failed: let it reject, so that the queue brings the
   * event again. MalformedEventError for what is no event. InboxUnavailableError during shutdown.
   * WebhookConfigurationError for a transaction on an engine that takes none. With a transaction, it waits
   * for no handler, and what the database rejects with comes as it is.
   *
   * @example
   * export const handler = (event: unknown) => admin.receive({ endpoint: 'stripe', event });
   */
  async receive(options: ReceiveOptions): Promise<StoredEvent> {
    const { endpoint: name, event: given, id, transaction } = options;
    const endpoint = this.endpoints.get(name);
    const request = { rawBody: endpoint.unwrap(given), headers: {} };
    const event = createWebhookEvent(endpoint, request, parseAs(id, endpoint, request), {
      arrivedBy: 'receive',
      secretLabel: undefined,
      receivedAt: new Date(this.clock.now()),
      keepHeaders: this.settings.keepHeaders,
    });
    if (transaction !== undefined) return this.receiver.receiveWithin(transaction, event);
    const received = await this.receiver.receive(event);
    return received ?? (await this.engine.find(event))!;
  }

  /**
   * Runs deliveries anew, whatever became of them before: **also those that have succeeded**, unless the
   * filter has a `status`. Their attempts are counted anew, `context.replays` tells them from first runs,
   * and `context.idempotencyKey()` stays the same. Resolves when they are due, and does not wait for them.
   * What a filter or the other format of the change turned away is left out; with `status: 'skipped'` it
   * runs where today's filters want it. What has its change by the other format meanwhile, as a dead one may,
   * is skipped instead.
   *
   * @throws EventQueryError for an empty filter, and for what cannot be asked for.
   *
   * @example
   * await admin.replay({ status: 'dead', type: 'invoice.*', since: new Date('2026-11-20') });
   *
   * @example
   * await admin.replay({ type: 'invoice.paid' }, { handlers: ['TaxService.book'], dryRun: true });
   */
  replay(filter: EventFilter, options: ReplayOptions = {}): Promise<ReplayReport> {
    return this.replayer.replay(filter, options);
  }

  /** Makes a failed delivery due now. False for one that is not failed, or unknown. */
  retryNow(delivery: DeliveryKey): Promise<boolean> {
    const { source, eventId, handler } = delivery;
    return this.engine.retryNow({ source, id: eventId }, handler);
  }

  /**
   * Lets those run that wait in a lane with `order: 'fifo'` behind a dead delivery. It stays dead: a replay
   * of it runs when its turn comes. False for one for which no lane waits.
   *
   * @example
   * await admin.unblock({ source: 'stripe', eventId: 'evt_1', handler: 'Ledger.book' });
   */
  unblock(delivery: DeliveryKey): Promise<boolean> {
    const { source, eventId, handler } = delivery;
    return this.engine.unblock({ source, id: eventId }, handler);
  }

  /**
   * Runs nothing more of a handler until it is resumed, while its deliveries are stored. What runs already
   * is not stopped. On the memory engine, senders get a 500 meanwhile.
   * @throws EventQueryError for a handler that this application does not have, and for a reply handler.
   */
  async pause(handler: string): Promise<void> {
    this.#checkHandler(handler);
    await this.engine.pause(handler);
  }

  async resume(handler: string): Promise<void> {
    await this.engine.resume(handler);
  }

  /**
   * Forgets now what is older than `keepBodiesDays` and `keepIdsDays`. Durable engines do so by themselves
   * every hour. What has an unfinished delivery stays. While another process prunes, nothing is forgotten
   * here.
   */
  prune(): Promise<PruneReport> {
    return this.pruner.prune();
  }

  /**
   * Finds handlers again: call it after a module with handlers was loaded lazily.
   * @throws WebhookConfigurationError for a handler that cannot work; the handlers stay as they were.
   */
  rescan(): void {
    this.registration.scan();
  }

  #checkHandler(handler: string): void {
    const known = this.handlers.get(handler);
    if (!known) throw new EventQueryError(`There is no handler ${handler} in this application.`);
    if (!known.isReply) return;
    throw new EventQueryError(
      `${handler} replies to its sender, who does not wait: it cannot be paused.`,
    );
  }
}

function parseAs(
  id: string | undefined,
  endpoint: WebhookEndpoint,
  request: RawRequest,
): ParsedEvent {
  if (id === undefined) return endpoint.parse(request);
  const parsed = endpoint.parse(request, { id });
  if (parsed.id === id) return parsed;
  throw new MalformedEventError(
    'event_malformed',
    'The id that was given to receive() is not the id that is in the event.',
  );
}
