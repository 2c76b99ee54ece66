import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { EventQueryError } from '../errors/event-query.error.js';
import { SignatureError } from '../errors/signature.error.js';
import { WebhookHandlerRegistry } from '../handlers/webhook-handler.registry.js';
import { checkEventFilter } from './check-event-query.js';
import { wasTurnedAway } from './delivery.interface.js';
import type { Delivery, StoredEvent } from './delivery.interface.js';
import type { EventFilter } from './event-query.interface.js';
import { WEBHOOK_INBOX_ENGINE } from './tokens.js';
import type { Replay, WantedDelivery, WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookEvent } from './webhook-event.interface.js';

export interface ReplayOptions {
  /**
   * Only these handlers, by their ids. Those that listen to an event and never got it, because they are
   * newer, get it too.
   * @default the deliveries that the filter means
   */
  readonly handlers?: readonly string[];
  /**
   * Whether signatures are checked again, from the kept bytes and headers, as of the time of receipt. What
   * no secret of today has signed is not replayed, nor what came by an endpoint that is no longer there.
   * @default false
   */
  readonly verify?: boolean;
  /**
   * Whether it is only said what would be replayed.
   * @default false
   */
  readonly dryRun?: boolean;
}

/** What a replay came to. */
export interface ReplayReport {
  /** Events of which something is replayed. */
  readonly events: number;
  readonly deliveries: number;
  /** Deliveries that are not replayed because the body of their event is not kept any more. */
  readonly withoutBody: number;
  /**
   * Deliveries that are skipped instead, because the handler has their change in the other format. A dry run
   * does not know of them, and counts them among `deliveries`.
   */
  readonly skipped: number;
  /** Events that are not replayed because their signature could not be verified again. */
  readonly unverified: number;
}

const PAGE = 100;

/** Makes what came in run again. */
@Injectable()
export class WebhookReplayer {
  readonly #logger = new Logger('WebhookInbox');

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
  ) {}

  /** @throws EventQueryError */
  async replay(filter: EventFilter, options: ReplayOptions): Promise<ReplayReport> {
    this.#check(filter, options);
    const report = { events: 0, deliveries: 0, withoutBody: 0, skipped: 0, unverified: 0 };
    let cursor: string | undefined;
    do {
      const query = { ...eventsOf(filter, options), limit: PAGE, ...(cursor && { cursor }) };
      const page = await this.engine.list(query);
      await this.#replayPage(page.events, filter, options, report);
      cursor = page.cursor;
    } while (cursor !== undefined);

    const { events, deliveries } = report;
    if (!options.dryRun) this.#logger.log(`Replay: ${deliveries} deliveries of ${events} events.`);
    return report;
  }

  async #replayPage(
    events: readonly StoredEvent[],
    filter: EventFilter,
    options: ReplayOptions,
    report: { -readonly [Count in keyof ReplayReport]: number },
  ): Promise<void> {
    const replays: Replay[] = [];
    for (const event of events) {
      const deliveries = await this.#deliveriesOf(event, filter, options);
      if (deliveries === 'unverified') report.unverified += 1;
      else if (deliveries.length > 0) replays.push({ event, deliveries });
    }
    const asked = replays.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
    const { due, skipped } = options.dryRun
      ? { due: await this.#countKept(replays), skipped: 0 }
      : await this.engine.replay(replays);
    report.events += replays.length;
    report.deliveries += due;
    report.skipped += skipped;
    report.withoutBody += asked - due - skipped;
  }

  async #deliveriesOf(
    event: StoredEvent,
    { status, handler }: EventFilter,
    { handlers, verify }: ReplayOptions,
  ): Promise<readonly WantedDelivery[] | 'unverified'> {
    const isLoaded = verify || handlers !== undefined || status === 'skipped';
    const received = isLoaded ? await this.engine.load(event) : undefined;
    if (verify && received && !this.#isVerified(received)) return 'unverified';

    const isMeant = (delivery: Delivery): boolean =>
      delivery.status !== 'pending' &&
      delivery.status !== 'running' &&
      !this.#isReply(delivery.handler) &&
      (status === undefined ? !wasTurnedAway(delivery) : delivery.status === status) &&
      (handler === undefined || delivery.handler === handler) &&
      (handlers === undefined || handlers.includes(delivery.handler));
    const known = this.#wantedNow(event.deliveries.filter(isMeant), received);
    if (!handlers || !received) return known;

    const isNew = (wanted: WantedDelivery): boolean =>
      wanted.skipReason === undefined &&
      handlers.includes(wanted.handler) &&
      !event.deliveries.some((delivery) => delivery.handler === wanted.handler);
    return [...known, ...this.#match(received).filter(isNew)];
  }

  /** Leaves out what was turned away and would be today: it would be another's event. */
  #wantedNow(
    deliveries: readonly Delivery[],
    received: WebhookEvent | undefined,
  ): readonly WantedDelivery[] {
    const matched = received && deliveries.some(wasTurnedAway) ? this.#match(received) : undefined;
    return deliveries.flatMap((delivery) => {
      if (!matched || !wasTurnedAway(delivery)) return { handler: delivery.handler };
      return (
        matched.find(
          ({ handler, skipReason }) => handler === delivery.handler && skipReason === undefined,
        ) ?? []
      );
    });
  }

  #isReply(handler: string | undefined): boolean {
    return handler !== undefined && (this.handlers.get(handler)?.isReply ?? false);
  }

  /** Nothing, for an event of an endpoint that is no longer there. */
  #match(received: WebhookEvent): readonly WantedDelivery[] {
    const endpoint = this.endpoints.find(received.endpoint);
    if (!endpoint) return [];
    const { payload } = endpoint.parse(received, received);
    return this.handlers.match({ ...received, payload }, endpoint.skipReason(payload));
  }

  #isVerified(received: WebhookEvent): boolean {
    if (received.arrivedBy !== 'http') return true;
    const endpoint = this.endpoints.find(received.endpoint);
    if (!endpoint) return false;
    try {
      endpoint.verify(received, Math.floor(received.receivedAt.getTime() / 1000));
      return true;
    } catch (error) {
      if (error instanceof SignatureError) return false;
      throw error;
    }
  }

  async #countKept(replays: readonly Replay[]): Promise<number> {
    let kept = 0;
    for (const { event, deliveries } of replays) {
      if (await this.engine.load(event)) kept += deliveries.length;
    }
    return kept;
  }

  #check(filter: EventFilter, { handlers }: ReplayOptions): void {
    checkEventFilter(filter);
    if (Object.values(filter).every((value) => value === undefined)) {
      throw new EventQueryError(
        'replay() needs to be told what to replay: every event that is kept would run again. Give at least ' +
          'one field, such as { since }.',
      );
    }
    if (handlers && filter.handler !== undefined) {
      throw new EventQueryError('replay() takes `handler` in the filter or `handlers`, not both.');
    }
    const replier = [filter.handler, ...(handlers ?? [])].find((id) => this.#isReply(id));
    if (replier !== undefined) {
      throw new EventQueryError(`${replier} replies to its sender, who has its answer: no replay.`);
    }
    const unknown = handlers?.find((id) => !this.handlers.get(id));
    if (unknown !== undefined) {
      throw new EventQueryError(`There is no handler ${unknown} in this application.`);
    }
  }
}

/** A handler that never got an event has no delivery of it to look for. */
function eventsOf(filter: EventFilter, { handlers }: ReplayOptions): EventFilter {
  if (!handlers) return filter;
  const { status: _status, ...ofEvents } = filter;
  return ofEvents;
}
