import { Inject, Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';
import { InboxUnavailableError } from '../errors/inbox-unavailable.error.js';
import { DeliveryFailures } from '../handlers/delivery-failures.js';
import { runUntilDeadline } from '../handlers/run-until-deadline.js';
import type { Deadline } from '../handlers/run-until-deadline.js';
import { toKeptError } from '../handlers/to-kept-error.js';
import { WebhookDispatcher } from '../handlers/webhook.dispatcher.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import type { ReplyHandler } from '../handlers/webhook-handler.registry.js';
import type { Clock } from './clock.js';
import { wasTurnedAway } from './delivery.interface.js';
import { InboxLifecycle } from './inbox-lifecycle.js';
import { publishAcceptance } from './publish-acceptance.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from './tokens.js';
import type {
  Acceptance,
  Arrival,
  DueDelivery,
  WantedDelivery,
} from './webhook-engine.interface.js';
import type { WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookEvent } from './webhook-event.interface.js';

/** The answer to a request that a reply handler is asked for. */
export interface Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What to answer, and what the inbox keeps of it. */
interface Decision {
  readonly json: string;
  readonly wanted: WantedDelivery;
  readonly tellDead: () => void;
}

const REPLIED_BEFORE = 'its sender has had its reply';
const RETRY_AFTER_SECONDS = 10;

/** Takes a verified event to the reply of its reply handler: find, run, answer, and then store. */
@Injectable()
export class WebhookReplier {
  /** The decisions that are not stored yet, by event and handler: for those who come again meanwhile. */
  readonly #deciding = new Map<string, Promise<Decision>>();

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    private readonly dispatcher: WebhookDispatcher,
    private readonly failures: DeliveryFailures,
    private readonly lifecycle: InboxLifecycle,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The reply to an event, known by the deadline of its handler; undefined for an event that no reply
   * handler is for.
   *
   * @param beganAtMs When the first byte of the request came; undefined where nobody has noted it.
   * @throws InboxUnavailableError
   */
  reply(event: WebhookEvent, beganAtMs: number | undefined): Promise<Reply> | undefined {
    const handler = this.handlers.replyHandlerOf(event);
    if (!handler) return undefined;
    const endpoint = this.endpoints.get(event.endpoint);
    const skipReason = endpoint.skipReason(event.payload) ?? handler.skipReason?.(event);
    // Whoever turns an event away decides nothing about it: no fallback either.
    if (skipReason !== undefined) return undefined;

    this.lifecycle.assertOpen();
    const headers = endpoint.replyHeaders(event.payload);
    const { id, deadlineMs } = handler;
    const deadline = {
      atMs: (beganAtMs ?? event.receivedAt.getTime()) + deadlineMs,
      createError: () => new HandlerTimeoutError(id, deadlineMs),
    };
    return this.#reply(event, handler, deadline).then((json) => ({
      headers,
      body: JSON.parse(json) as object,
    }));
  }

  #reply(event: WebhookEvent, handler: ReplyHandler, deadline: Deadline): Promise<string> {
    const key = JSON.stringify([event.source, event.id, handler.id]);
    const known = this.#deciding.get(key);
    const deciding = known ?? this.#decide(event, handler, deadline);
    if (!known) this.#deciding.set(key, deciding);

    this.lifecycle.enter();
    void deciding
      .then((decision) => this.#keep(event, handler, decision, !known))
      .finally(() => {
        if (!known) this.#deciding.delete(key);
        this.lifecycle.leave();
      });
    if (!known) return deciding.then(({ json }) => json);
    return runUntilDeadline(() => known, this.clock, deadline).then(
      ({ json }) => json,
      () => handler.fallback,
    );
  }

  /** Never rejects. */
  async #decide(event: WebhookEvent, handler: ReplyHandler, deadline: Deadline): Promise<Decision> {
    const delivery = { event, handler: handler.id, attempt: 1, replays: 0 };
    let replied: string | undefined;
    try {
      replied = await runUntilDeadline(() => this.#findReply(event, handler), this.clock, deadline);
    } catch (error) {
      // It is not known whether it has run before, or there is no time left to run it.
      return this.#giveUp({ ...delivery, attempt: 0 }, handler, error);
    }
    if (replied !== undefined) {
      const wanted = { handler: handler.id, skipReason: REPLIED_BEFORE };
      return { json: replied, wanted, tellDead: () => {} };
    }

    const { outcome, reply, tellDead } = await this.dispatcher.reply(delivery, deadline);
    const json = outcome.status === 'succeeded' ? reply! : handler.fallback;
    const wanted = { handler: handler.id, settled: { outcome, attempts: 1, reply: json } };
    return { json, wanted, tellDead };
  }

  /** What an event was answered that has been here before; undefined for one that has not. */
  async #findReply(event: WebhookEvent, handler: ReplyHandler): Promise<string | undefined> {
    const stored = await this.engine.find(event);
    const delivery = stored?.deliveries.find((each) => each.handler === handler.id);
    if (!delivery || wasTurnedAway(delivery)) return undefined;
    return delivery.reply === undefined ? handler.fallback : JSON.stringify(delivery.reply);
  }

  #giveUp(delivery: DueDelivery, { id, fallback }: ReplyHandler, error: unknown): Decision {
    const outcome = { status: 'dead', error: toKeptError(error) } as const;
    this.failures.add(delivery, outcome, error);
    return {
      json: fallback,
      wanted: { handler: id, settled: { outcome, attempts: 0, reply: fallback } },
      tellDead: () => this.failures.tellDead(delivery, outcome, error),
    };
  }

  /** Stores what was answered, with the deliveries of the other handlers. Never rejects. */
  async #keep(
    event: WebhookEvent,
    handler: ReplyHandler,
    { wanted, tellDead }: Decision,
    isFirst: boolean,
  ): Promise<void> {
    // The answer goes first: it is on its way when the promises that wait for it have been settled, and an
    // engine may run the other handlers while it stores.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    try {
      const deliveries = this.#deliveriesOf(event, wanted);
      publishAcceptance(event, await this.#accept({ event, deliveries }));
    } catch (error) {
      this.failures.addUnstored({ event, handler: handler.id, attempt: 1, replays: 0 }, error);
    }
    if (isFirst) tellDead();
  }

  #deliveriesOf(event: WebhookEvent, wanted: WantedDelivery): readonly WantedDelivery[] {
    const endpoint = this.endpoints.get(event.endpoint);
    return this.handlers
      .match(event, endpoint.skipReason(event.payload))
      .map((each) => (each.handler === wanted.handler ? wanted : each));
  }

  /** Waits for the engine as long as a shutdown does. */
  async #accept(arrival: Arrival): Promise<Acceptance> {
    let forget: (() => void) | undefined;
    const givenUp = new Promise<never>((_resolve, reject) => {
      const message = 'The shutdown did not wait any longer.';
      forget = this.lifecycle.onGiveUp(() =>
        reject(new InboxUnavailableError(message, RETRY_AFTER_SECONDS)),
      );
    });
    try {
      const [acceptance] = await Promise.race([this.engine.accept([arrival]), givenUp]);
      return acceptance!;
    } finally {
      forget!();
    }
  }
}
