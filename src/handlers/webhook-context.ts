import { createHash } from 'node:crypto';
import type { ArrivedBy, WebhookEvent } from '../inbox/webhook-event.interface.js';

/** What a context is made of. */
export interface WebhookContextFields {
  readonly event: WebhookEvent;
  readonly handler: string;
  readonly attempt: number;
  readonly replays: number;
  readonly getSignal: () => AbortSignal;
}

/** The second argument of a handler: what is known about the event beside its payload. */
export class WebhookContext {
  readonly #event: WebhookEvent;
  readonly #getSignal: () => AbortSignal;
  /** The handler's id, such as `BillingService.extendSubscription`. */
  readonly handler: string;
  /** 1 for the first run of this delivery, and for the first after a replay. */
  readonly attempt: number;
  /** How often this delivery was replayed: 0 unless somebody asked for it to run anew. */
  readonly replays: number;

  constructor({ event, handler, attempt, replays, getSignal }: WebhookContextFields) {
    this.#event = event;
    this.#getSignal = getSignal;
    this.handler = handler;
    this.attempt = attempt;
    this.replays = replays;
  }

  /** The name of the endpoint the event came by. */
  get endpoint(): string {
    return this.#event.endpoint;
  }

  /** Whose ids the event's id belongs to, such as `stripe`. */
  get source(): string {
    return this.#event.source;
  }

  /** The sender's id of the event, such as `evt_…`. */
  get eventId(): string {
    return this.#event.id;
  }

  get type(): string {
    return this.#event.type;
  }

  get receivedAt(): Date {
    return this.#event.receivedAt;
  }

  get arrivedBy(): ArrivedBy {
    return this.#event.arrivedBy;
  }

  /** The label of the secret that signed the request; undefined for an event given to `receive`. */
  get secretLabel(): string | undefined {
    return this.#event.secretLabel;
  }

  /** The kept request headers, in lower case: content type, user agent, signature and id headers. */
  get headers(): Readonly<Record<string, string>> {
    return this.#event.headers;
  }

  /** The body, byte for byte as it was signed (after gzip or deflate was inflated). */
  get rawBody(): Buffer {
    return this.#event.rawBody;
  }

  /** Aborted when the attempt has run out of time, and when a shutdown no longer waits for it. */
  get signal(): AbortSignal {
    return this.#getSignal();
  }

  /**
   * A key for calls that leave the process, such as Stripe's `idempotencyKey`: the same in every
   * attempt and replay of this delivery, different for every event and handler. `step` tells apart several
   * calls of one handler. It may be taken out of the context like any other property.
   */
  get idempotencyKey(): (step?: string) => string {
    return (step = '') => {
      const identity = JSON.stringify([this.source, this.eventId, this.handler, step]);
      return createHash('sha256').update(identity).digest('base64url');
    };
  }
}
