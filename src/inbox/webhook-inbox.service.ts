import { Inject, Injectable } from '@nestjs/common';
import { checkEventQuery } from './check-event-query.js';
import type { Clock } from './clock.js';
import type { DeliveryStatus, StoredEvent } from './delivery.interface.js';
import type { EventPage, EventQuery } from './event-query.interface.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from './tokens.js';
import type { EngineStats, WebhookEngine } from './webhook-engine.interface.js';

/** How the inbox is doing. */
export interface InboxStats extends Omit<EngineStats, 'oldestUnfinishedAt'> {
  /** How long ago the oldest event was received that is not finished, in milliseconds. */
  readonly oldestUnfinishedMs: number | undefined;
}

export interface InboxHealthBounds {
  /** The age of the oldest unfinished event above which the inbox is down, in milliseconds. */
  readonly maxOldestMs?: number;
  /** How many deliveries may be dead before the inbox is down. */
  readonly maxDead?: number;
  /** How many lanes may wait for a dead delivery of theirs before the inbox is down. */
  readonly maxBlockedLanes?: number;
}

/** What an indicator of `@nestjs/terminus` returns. */
export interface InboxHealth {
  readonly webhookInbox: {
    readonly status: 'up' | 'down';
    readonly oldestUnfinishedMs: number | undefined;
    readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
    readonly blockedLanes: number;
  };
}

/** Reads the inbox: what came in and how far its deliveries are. */
@Injectable()
export class WebhookInbox {
  constructor(
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The event with its deliveries, or undefined when it never came or was forgotten.
   *
   * @example
   * await inbox.find('stripe', 'evt_1')
   */
  find(source: string, eventId: string): Promise<StoredEvent | undefined> {
    return this.engine.find({ source, id: eventId });
  }

  /**
   * A page of events, the last stored first. Give the `cursor` of a page to get the next one.
   *
   * @throws EventQueryError
   *
   * @example
   * const { events, cursor } = await inbox.list({ status: 'dead', type: 'invoice.*' });
   */
  async list(query: EventQuery = {}): Promise<EventPage> {
    checkEventQuery(query);
    return this.engine.list(query);
  }

  /**
   * How many deliveries there are of each status, how old the oldest unfinished event is, the pace, and what
   * is held back. It costs as much as there is unfinished, however much is finished: on PostgreSQL, past some
   * 50,000 deliveries, the numbers of `succeeded` and `skipped` are estimated from a sample of them, mostly to
   * within five per cent. All others are exact.
   */
  async stats(): Promise<InboxStats> {
    const { oldestUnfinishedAt, ...stats } = await this.engine.stats();
    const oldestUnfinishedMs =
      oldestUnfinishedAt && Math.max(0, this.clock.now() - oldestUnfinishedAt.getTime());
    return { ...stats, oldestUnfinishedMs };
  }

  /**
   * Whether the inbox keeps up, in the shape of an indicator of `@nestjs/terminus`. It rejects where the
   * engine does not answer.
   *
   * @example
   * health.check([() => inbox.health({ maxOldestMs: 15 * 60_000, maxDead: 0 })])
   */
  async health({
    maxOldestMs,
    maxDead,
    maxBlockedLanes,
  }: InboxHealthBounds = {}): Promise<InboxHealth> {
    const { oldestUnfinishedMs, deliveries, blockedLanes } = await this.stats();
    const isLate = maxOldestMs !== undefined && (oldestUnfinishedMs ?? 0) > maxOldestMs;
    const isDown =
      isLate ||
      (maxDead !== undefined && deliveries.dead > maxDead) ||
      (maxBlockedLanes !== undefined && blockedLanes > maxBlockedLanes);
    const status = isDown ? 'down' : 'up';
    return { webhookInbox: { status, oldestUnfinishedMs, deliveries, blockedLanes } };
  }
}
