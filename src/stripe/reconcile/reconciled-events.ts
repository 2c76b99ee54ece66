import { Inject, Injectable } from '@nestjs/common';
import { createWebhookEvent } from '../../endpoints/create-webhook-event.js';
import { DeliveriesUnfinishedError } from '../../errors/deliveries-unfinished.error.js';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import { WebhookReceiver } from '../../inbox/webhook.receiver.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';

const NO_HEADERS_KEPT: ReadonlySet<string> = new Set();

/** Puts events through the inbox that Stripe did not deliver, as if they had come by an endpoint. */
@Injectable()
export class ReconciledEvents {
  constructor(
    private readonly receiver: WebhookReceiver,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws InboxUnavailableError; DeliveriesUnfinishedError where the engine retries nothing by itself. */
  async put(payload: object, endpoint: StripeEndpoint): Promise<void> {
    const request = { rawBody: Buffer.from(JSON.stringify(payload)), headers: {} };
    const event = createWebhookEvent(endpoint, request, endpoint.parse(request), {
      arrivedBy: 'reconciled',
      secretLabel: undefined,
      receivedAt: new Date(this.clock.now()),
      keepHeaders: NO_HEADERS_KEPT,
    });
    try {
      await this.receiver.receive(event);
    } catch (error) {
      const isRetried =
        error instanceof DeliveriesUnfinishedError &&
        this.engine.capabilities.survives !== 'nothing';
      if (!isRetried) throw error;
    }
  }
}
