import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Clock } from '../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_SETTINGS } from '../inbox/tokens.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import type { AdapterRequest, RawRequest } from '../raw-body/raw-request.interface.js';
import { readRawBody } from '../raw-body/read-raw-body.js';
import { createWebhookEvent } from './create-webhook-event.js';
import type { WebhookEndpoint } from './webhook-endpoint.interface.js';

/**
 * Makes an event of an HTTP request: the bytes, then the signature, and only then the JSON. It waits only
 * for bytes that nobody has read yet.
 */
@Injectable()
export class WebhookRequestReader {
  #hasWarned = false;

  constructor(
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws RefusedRequestError, BodyConsumedError */
  readVerified(
    endpoint: WebhookEndpoint,
    request: AdapterRequest,
  ): WebhookEvent | Promise<WebhookEvent> {
    const verify = (rawBody: Buffer): WebhookEvent => {
      const rawRequest = { rawBody, headers: request.headers };
      const secretLabel = endpoint.verify(rawRequest, Math.floor(this.clock.now() / 1000));
      return this.#createEvent(endpoint, rawRequest, secretLabel);
    };
    const rawBody = readRawBody(request, endpoint.maxBodyBytes);
    return rawBody instanceof Promise ? rawBody.then(verify) : verify(rawBody);
  }

  /** For tests that replace the guard. Says so in the log, once. */
  async readUnverified(endpoint: WebhookEndpoint, request: AdapterRequest): Promise<WebhookEvent> {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      new Logger('WebhookInbox').warn(
        'WebhookSignatureGuard has been replaced: events are taken without a signature. Only in tests.',
      );
    }
    const rawBody = await readRawBody(request, endpoint.maxBodyBytes);
    return this.#createEvent(endpoint, { rawBody, headers: request.headers }, undefined);
  }

  #createEvent(
    endpoint: WebhookEndpoint,
    request: RawRequest,
    secretLabel: string | undefined,
  ): WebhookEvent {
    return createWebhookEvent(endpoint, request, endpoint.parse(request), {
      arrivedBy: 'http',
      secretLabel,
      receivedAt: new Date(this.clock.now()),
      keepHeaders: this.settings.keepHeaders,
    });
  }
}
