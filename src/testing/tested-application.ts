import type { AddressInfo, Server } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { Clock } from '../inbox/clock.js';
import type { Delivery } from '../inbox/delivery.interface.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from '../inbox/tokens.js';
import type { WebhookEngine } from '../inbox/webhook-engine.interface.js';
import type { EventKey } from '../inbox/webhook-event.interface.js';
import { WebhookInbox } from '../inbox/webhook-inbox.service.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import { ensureListening } from './ensure-listening.js';
import { post } from './post.js';
import type { HttpAnswer } from './post.js';

export interface WebhookAnswer extends HttpAnswer {
  /** The event's id; undefined where the request carries none that can be read. */
  readonly eventId: string | undefined;
  /** The event's deliveries as they stand after the answer; empty for a request that was refused. */
  readonly deliveries: readonly Delivery[];
}

/** An application under test, and what was sent to it. */
export class TestedApplication {
  readonly #sent = new Map<string, EventKey>();
  readonly #sending = new Set<Promise<WebhookAnswer>>();

  constructor(readonly app: INestApplication) {}

  get endpoints(): WebhookEndpointRegistry {
    return this.app.get(WebhookEndpointRegistry, { strict: false });
  }

  get clock(): Clock {
    return this.app.get<Clock>(WEBHOOK_INBOX_CLOCK, { strict: false });
  }

  get engine(): WebhookEngine {
    return this.app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE, { strict: false });
  }

  /** Whether the engine runs failed deliveries again by itself, and not only when their event comes again. */
  get isRetriedByEngine(): boolean {
    return this.engine.capabilities.survives !== 'nothing';
  }

  /** The events that were sent to it and had an id. */
  get sentEvents(): readonly EventKey[] {
    return [...this.#sent.values()];
  }

  /** Resolves when every request that is on its way has its answer. */
  async answered(): Promise<void> {
    await Promise.allSettled(this.#sending);
  }

  /** Posts a request as it is, over the application's HTTP stack, and waits for the answer. */
  send(endpoint: WebhookEndpoint, request: RawRequest): Promise<WebhookAnswer> {
    const sending = this.#send(endpoint, request);
    const forget = (): void => void this.#sending.delete(sending);
    this.#sending.add(sending);
    sending.then(forget, forget);
    return sending;
  }

  /** Makes the application listen, on a free port of the loopback interface, where it does not yet. */
  listen(): Promise<void> {
    return ensureListening(this.app);
  }

  async #send(endpoint: WebhookEndpoint, request: RawRequest): Promise<WebhookAnswer> {
    await this.listen();
    const eventId = readId(endpoint, request);
    const key = eventId === undefined ? undefined : { source: endpoint.source, id: eventId };
    if (key) this.#sent.set(`${key.source}\n${key.id}`, key);

    const headers = request.headers as Record<string, string>;
    const answer = await post(this.#urlOf(endpoint.name), request.rawBody, headers);
    return { ...answer, eventId, deliveries: await this.#deliveriesOf(key, answer) };
  }

  async #deliveriesOf(
    key: EventKey | undefined,
    { status }: HttpAnswer,
  ): Promise<readonly Delivery[]> {
    if (!key || (status >= 400 && status < 500)) return [];
    const inbox = this.app.get(WebhookInbox, { strict: false });
    return (await inbox.find(key.source, key.id))?.deliveries ?? [];
  }

  #urlOf(name: string): URL {
    const [path] = this.endpoints.routesOf(name);
    if (path === undefined) {
      throw new WebhookConfigurationError(
        `Webhook endpoint "${name}" has no route: it is configured with { path: false } and no method has ` +
          `@VerifyWebhook('${name}').`,
      );
    }
    const { port } = (this.app.getHttpServer() as Server).address() as AddressInfo;
    return new URL(path, `http://127.0.0.1:${port}`);
  }
}

function readId(endpoint: WebhookEndpoint, request: RawRequest): string | undefined {
  try {
    return endpoint.parse(request).id;
  } catch {
    // A body that is no event has no id.
    return undefined;
  }
}
