import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WantedDelivery } from '../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { toReplyJson } from './to-reply-json.js';
import type { WebhookHandler } from './webhook-handler.interface.js';
import { REPLY_CANNOT_BE_SENT } from './webhook-reply.interface.js';
import type { WebhookSubscription } from './webhook-subscription.interface.js';

interface Listener {
  readonly handler: WebhookHandler;
  readonly subscription: WebhookSubscription;
  /** What most events want of it. One for all of them, since engines may keep it. */
  readonly wanted: WantedDelivery;
}

/** A handler whose result is the answer, for one type at one endpoint. */
export interface ReplyHandler {
  readonly id: string;
  readonly deadlineMs: number;
  /** The JSON of the answer where the handler gives none. */
  readonly fallback: string;
  readonly skipReason: WebhookSubscription['skipReason'];
}

/** The handlers of the application, and which of them an event is for. */
@Injectable()
export class WebhookHandlerRegistry {
  #handlers: ReadonlyMap<string, WebhookHandler> = new Map();
  #byEndpoint: ReadonlyMap<string, EndpointListeners> = new Map();

  /** Replaces all handlers. `endpoints` are those of the application, by name and sender. */
  replace(
    handlers: readonly WebhookHandler[],
    endpoints: readonly { readonly name: string; readonly sender: string }[],
  ): void {
    this.#handlers = new Map(handlers.map((handler) => [handler.id, handler]));
    this.#byEndpoint = new Map(
      endpoints.map((endpoint) => [
        endpoint.name,
        new EndpointListeners(
          handlers.flatMap((handler) =>
            handler.subscriptions
              .filter((subscription) => listensTo(subscription, endpoint))
              .map((subscription) => ({ handler, subscription, wanted: { handler: handler.id } })),
          ),
        ),
      ]),
    );
  }

  get(id: string): WebhookHandler | undefined {
    return this.#handlers.get(id);
  }

  all(): readonly WebhookHandler[] {
    return [...this.#handlers.values()];
  }

  /** The handlers that listen to an endpoint, each with its types there. */
  ofEndpoint(
    endpoint: string,
  ): readonly { readonly id: string; readonly types: readonly string[] }[] {
    return this.#byEndpoint.get(endpoint)?.describe() ?? [];
  }

  /** The reply handler of an event's type, whatever its filters say of the event. */
  replyHandlerOf({ endpoint, type }: WebhookEvent): ReplyHandler | undefined {
    return this.#byEndpoint.get(endpoint)?.replies.get(type);
  }

  /** The types of an endpoint that are replied to and that other handlers listen to as well. */
  sharedReplies(
    endpoint: string,
  ): readonly { readonly type: string; readonly replier: string; readonly others: string[] }[] {
    const listeners = this.#byEndpoint.get(endpoint);
    return [...(listeners?.replies ?? [])].flatMap(([type, { id: replier }]) => {
      const ids = new Set(listeners!.of(type).map(({ handler }) => handler.id));
      ids.delete(replier);
      return ids.size > 0 ? [{ type, replier, others: [...ids] }] : [];
    });
  }

  /**
   * The deliveries that an event gets. A handler that listens to the type gets one; it is skipped where
   * all its filters turn the event away, or the endpoint does (`endpointSkipReason`). So is that of a reply
   * handler, which runs before its event is stored or not at all.
   */
  match(event: WebhookEvent, endpointSkipReason: string | undefined): readonly WantedDelivery[] {
    const listeners = this.#byEndpoint.get(event.endpoint)?.of(event.type) ?? [];
    const all = new Map<string, WantedDelivery>();
    for (const listener of listeners) {
      const { handler, subscription } = listener;
      const known = all.get(handler.id);
      if (known && known.skipReason === undefined) continue;
      if (subscription.isAbout && !subscription.isAbout(event)) continue;
      const skipReason =
        endpointSkipReason ??
        subscription.skipReason?.(event) ??
        (subscription.reply && REPLY_CANNOT_BE_SENT);
      if (skipReason === undefined) all.set(handler.id, toWanted(listener, event));
      else if (!known) all.set(handler.id, { handler: handler.id, skipReason });
    }
    return [...all.values()];
  }
}

function toWanted(
  { handler, subscription, wanted }: Listener,
  event: WebhookEvent,
): WantedDelivery {
  const { id, takesSeveralFormats } = handler;
  const { laneOf, coalesceMs, changeOf, order, onDead = 'block' } = subscription;
  if (!takesSeveralFormats && !laneOf) return wanted;
  const change = takesSeveralFormats ? changeOf?.(event) : undefined;
  const lane = laneOf?.(event);
  if (lane !== undefined && typeof lane !== 'string') {
    throw new WebhookConfigurationError(`The lane that handler ${id} gives is no string.`);
  }
  return {
    handler: id,
    ...(change && { change }),
    ...(lane !== undefined && { lane }),
    ...(lane !== undefined && order === 'fifo' && { order, onDead }),
    ...(coalesceMs !== undefined && { coalesceMs }),
  };
}

/** The listeners of one endpoint. Exact types are looked up, patterns are tried. */
class EndpointListeners {
  readonly #all: readonly Listener[];
  readonly #exact = new Map<string, Listener[]>();
  readonly replies = new Map<string, ReplyHandler>();
  readonly #prefixes: { readonly prefix: string; readonly listener: Listener }[] = [];

  constructor(listeners: readonly Listener[]) {
    this.#all = listeners;
    for (const listener of listeners) {
      for (const type of listener.subscription.types) this.#add(type, listener);
      this.#addReply(listener);
    }
  }

  of(type: string): readonly Listener[] {
    const exact = this.#exact.get(type) ?? [];
    const byPrefix = this.#prefixes.filter(({ prefix }) => type.startsWith(prefix));
    if (byPrefix.length === 0) return exact;
    return [...exact, ...byPrefix.map(({ listener }) => listener)];
  }

  describe(): { id: string; types: string[] }[] {
    const types = new Map<string, string[]>();
    for (const { handler, subscription } of this.#all) {
      types.set(handler.id, [...(types.get(handler.id) ?? []), ...subscription.types]);
    }
    return [...types].map(([id, ofHandler]) => ({ id, types: ofHandler }));
  }

  #add(type: string, listener: Listener): void {
    if (type.endsWith('*')) {
      this.#prefixes.push({ prefix: type.slice(0, -1), listener });
      return;
    }
    const others = this.#exact.get(type) ?? [];
    this.#exact.set(type, [...others, listener]);
  }

  #addReply({ handler: { id }, subscription }: Listener): void {
    const { types, reply, skipReason } = subscription;
    if (!reply) return;
    const { deadlineMs } = reply;
    const replyHandler = { id, deadlineMs, fallback: toReplyJson(reply.fallback), skipReason };
    for (const type of types) this.replies.set(type, replyHandler);
  }
}

/** Whether a subscription hears of events at an endpoint at all. */
export function listensTo(
  { sender, endpoints }: WebhookSubscription,
  endpoint: { readonly name: string; readonly sender: string },
): boolean {
  return (
    (sender === undefined || sender === endpoint.sender) &&
    (endpoints === undefined || endpoints.includes(endpoint.name))
  );
}
