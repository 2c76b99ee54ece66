import { Inject, Injectable, Logger } from '@nestjs/common';
import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.interface.js';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { assertLaneOrder } from '../handlers/assert-lane-order.js';
import { assertReplyHandlers } from '../handlers/assert-reply-handlers.js';
import { WebhookHandlerExplorer } from '../handlers/webhook-handler.explorer.js';
import type { WebhookHandler } from '../handlers/webhook-handler.interface.js';
import { listensTo, WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import { assertAck } from './ack.js';
import { WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from './tokens.js';
import type { EngineFeature, WebhookEngine } from './webhook-engine.interface.js';
import { assertDelay, assertRetry, resolveRetry } from './webhook-inbox.options.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';

/** Brings the handlers of the application together with its endpoints. */
@Injectable()
export class HandlerRegistration {
  readonly #logger = new Logger('WebhookInbox');

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly explorer: WebhookHandlerExplorer,
    private readonly handlers: WebhookHandlerRegistry,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
  ) {}

  /** @throws WebhookConfigurationError for a handler that cannot work, naming it and what to change. */
  scan(): void {
    const endpoints = this.endpoints.all();
    const handlers = this.explorer.explore();
    for (const handler of handlers) {
      checkHandler(handler, endpoints);
      assertLaneOrder(handler);
      assertRetry(
        `retry of handler ${handler.id}`,
        resolveRetry(handler.retry, this.settings.retry),
      );
      assertEngineCan(handler, this.engine);
      assertAck(`ack of handler ${handler.id}`, handler.ack, this.engine.capabilities);
    }
    assertReplyHandlers(handlers, endpoints);
    this.handlers.replace(handlers, endpoints);
  }

  /** Says in one line for each endpoint where it is reached and what listens to it. */
  logEndpoints(): void {
    for (const { name } of this.endpoints.all()) {
      const routes = this.endpoints.routesOf(name).map((path) => `POST ${path}`);
      const handlers = this.handlers
        .ofEndpoint(name)
        .map(({ id, types }) => `${types.join(', ')} → ${id}`);
      this.#logger.log(
        `Endpoint "${name}" (${routes.join(', ') || 'no route'}): ${handlers.join('; ') || 'no handlers'}`,
      );
    }
  }

  /** Says which handlers nobody runs again where they fail, on an engine that retries nothing by itself. */
  warnOfReplies(): void {
    for (const { name } of this.endpoints.all()) {
      for (const { type, replier, others } of this.handlers.sharedReplies(name)) {
        this.#logger.warn(
          `${others.join(', ')} will not be retried for ${type} at the endpoint "${name}": ${replier} replies to ` +
            'it, so its sender does not send it again, and this engine retries nothing by itself. Use an engine ' +
            'that survives a crash, or another type of event.',
        );
      }
    }
  }
}

function checkHandler(
  { id, subscriptions, timeoutMs }: WebhookHandler,
  endpoints: readonly WebhookEndpoint[],
): void {
  if (timeoutMs !== undefined) assertDelay(`timeoutMs of handler ${id}`, timeoutMs);
  for (const subscription of subscriptions) {
    checkEndpointNames(id, subscription, endpoints);
    const ofSender = endpoints.filter(({ sender }) => sender === subscription.sender);
    for (const endpoint of ofSender.filter((each) => listensTo(subscription, each))) {
      const objection = endpoint.objectionTo(subscription, ofSender);
      if (objection !== undefined)
        throw new WebhookConfigurationError(`Handler ${id}: ${objection}`);
    }
  }
}

function checkEndpointNames(
  id: string,
  { sender, endpoints: wanted }: WebhookSubscription,
  endpoints: readonly WebhookEndpoint[],
): void {
  const known = endpoints.filter((each) => sender === undefined || sender === each.sender);
  const missing = (wanted ?? []).find((name) => !known.some((each) => each.name === name));
  if (missing === undefined) return;
  const names = known.map(({ name }) => `"${name}"`).join(', ') || 'none';
  throw new WebhookConfigurationError(
    `Handler ${id} listens to the endpoint "${missing}", which is not configured. Configured are: ${names}.`,
  );
}

/** A promise that the engine does not keep must not be taken for one. */
function assertEngineCan(handler: WebhookHandler, { capabilities }: WebhookEngine): void {
  const { id, subscriptions, takesSeveralFormats, isTransactional, isReply } = handler;
  const { lacks = [], transactional = false } = capabilities;
  if (isTransactional && !isReply && !transactional) {
    throw new WebhookConfigurationError(
      `Handler ${id} asks for a transaction, which the configured engine does not have. Leave that out, or ` +
        'use postgresEngine with a server.',
    );
  }
  const needed: (readonly [EngineFeature, boolean, string])[] = [
    ['lanes', subscriptions.some(({ laneOf }) => laneOf !== undefined), 'a lane'],
    ['fifo', subscriptions.some(({ order }) => order === 'fifo'), "a lane with { order: 'fifo' }"],
    ['changes', takesSeveralFormats, 'one change in several formats'],
  ];
  const [, , what] =
    needed.find(([feature, isNeeded]) => isNeeded && lacks.includes(feature)) ?? [];
  if (what === undefined) return;
  throw new WebhookConfigurationError(
    `Handler ${id} asks for ${what}, which the configured engine does not do. Leave that out, or use ` +
      "another engine, such as postgresEngine({ embedded: './data' }).",
  );
}
