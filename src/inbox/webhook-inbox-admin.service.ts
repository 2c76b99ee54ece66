import { Inject, Injectable } from '@nestjs/common';
import { createWebhookEvent } from '../endpoints/create-webhook-event.js';
import type { ParsedEvent, WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { MalformedEventError } from '../errors/malformed-event.error.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import type { Clock } from './clock.js';
import type { StoredEvent } from './delivery.interface.js';
import { HandlerRegistration } from './handler-registration.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from './tokens.js';
import type { WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';
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
}

/** Acts on the inbox. Keep it away from what the public can reach. */
@Injectable()
export class WebhookInboxAdmin {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly receiver: WebhookReceiver,
    private readonly registration: HandlerRegistration,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
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
   *
   * @example
   * export const handler = (event: unknown) => admin.receive({ endpoint: 'stripe', event });
   */
  async receive({ endpoint: name, event: given, id }: ReceiveOptions): Promise<StoredEvent> {
    const endpoint = this.endpoints.get(name);
    const request = { rawBody: endpoint.unwrap(given), headers: {} };
    const event = createWebhookEvent(endpoint, request, parseAs(id, endpoint, request), {
      arrivedBy: 'receive',
      secretLabel: undefined,
      receivedAt: new Date(this.clock.now()),
      keepHeaders: this.settings.keepHeaders,
    });
    const received = await this.receiver.receive(event);
    return received ?? (await this.engine.find(event))!;
  }

  /**
   * Finds handlers again: call it after a module with handlers was loaded lazily.
   * @throws WebhookConfigurationError for a handler that cannot work; the handlers stay as they were.
   */
  rescan(): void {
    this.registration.scan();
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
