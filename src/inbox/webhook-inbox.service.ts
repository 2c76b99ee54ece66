import { Inject, Injectable } from '@nestjs/common';
import type { StoredEvent } from './delivery.interface.js';
import { WEBHOOK_INBOX_ENGINE } from './tokens.js';
import type { WebhookEngine } from './webhook-engine.interface.js';

/** Reads the inbox: what came in and how far its deliveries are. */
@Injectable()
export class WebhookInbox {
  constructor(@Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine) {}

  /**
   * The event with its deliveries, or undefined when it never came or was forgotten.
   *
   * @example
   * await inbox.find('stripe', 'evt_1')
   */
  find(source: string, eventId: string): Promise<StoredEvent | undefined> {
    return this.engine.find({ source, id: eventId });
  }
}
