import { Inject, Injectable } from '@nestjs/common';
import { InboxUnavailableError } from '../../errors/inbox-unavailable.error.js';
import { WEBHOOK_INBOX_ENGINE } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import type { Patience } from '../api/patience.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import { asSent } from './listed-event.js';
import type { ListedEvent } from './listed-event.js';
import { ReconciledEvents } from './reconciled-events.js';
import type { StripeStream } from './stripe-stream.js';

/** An event that Stripe lists and that was never stored: no delivery of it has been taken. */
export interface MissedEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** The endpoints that it should have come by. */
  readonly endpoints: readonly string[];
  readonly format: StripeEventFormat;
  readonly livemode: boolean;
  /** The connected account; undefined for the own one. */
  readonly account: string | undefined;
  /** When it happened. */
  readonly createdAt: Date;
}

export interface SettleOptions {
  /** Only says what is missing. */
  readonly dryRun: boolean;
  readonly patience: Patience;
}

/** Compares listed events with the inbox by their ids, and puts those through it that it has not. */
@Injectable()
export class MissedEvents {
  constructor(
    private readonly events: ReconciledEvents,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
  ) {}

  /** @returns Those of a page that were missing, the oldest first. */
  async settle(
    page: readonly ListedEvent[],
    stream: StripeStream,
    { dryRun, patience }: SettleOptions,
  ): Promise<readonly MissedEvent[]> {
    patience.assertGoingOn();
    const lacking = (await this.#lacking(page, stream)).toReversed();
    if (!dryRun) await Promise.all(lacking.map((event) => this.#put(event, stream, patience)));
    return lacking.map((event) => toMissedEvent(event, stream));
  }

  /** Together, which engines make one statement of. */
  async #lacking(events: readonly ListedEvent[], { source }: StripeStream): Promise<ListedEvent[]> {
    const stored = await Promise.all(events.map(({ id }) => this.engine.find({ source, id })));
    return events.filter((_, index) => stored[index] === undefined);
  }

  async #put(event: ListedEvent, stream: StripeStream, patience: Patience): Promise<void> {
    const sent = asSent(event, stream);
    for (const endpoint of stream.types.get(event.type) ?? []) {
      await patience.persist(() => this.events.put(sent, endpoint), unavailableMs);
    }
  }
}

function unavailableMs(error: unknown, usualMs: number): number | undefined {
  return error instanceof InboxUnavailableError ? usualMs : undefined;
}

function toMissedEvent(event: ListedEvent, stream: StripeStream): MissedEvent {
  const { created } = event;
  return {
    id: event.id,
    type: event.type,
    source: stream.source,
    endpoints: (stream.types.get(event.type) ?? []).map(({ name }) => name),
    format: stream.format,
    livemode: stream.livemode,
    account: stream.account,
    createdAt: new Date(typeof created === 'number' ? created * 1000 : created),
  };
}
