import { createHash } from 'node:crypto';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { ArrivedBy, WebhookEvent } from '../inbox/webhook-event.interface.js';

/** What a context is made of. */
export interface WebhookContextFields {
  readonly event: WebhookEvent;
  readonly handler: string;
  readonly attempt: number;
  readonly replays: number;
  readonly getSignal: () => AbortSignal;
  /** Given for a handler that has asked for a transaction. */
  readonly getTransaction?: (() => unknown) | undefined;
}

/**
 * The second argument of a handler: what is known about the event beside its payload.
 *
 * @typeParam Transaction What `transaction` is, such as `PoolClient` of `pg`: it is what the engine's
 * transactions give, and the compiler takes your word for it.
 */
export class WebhookContext<Transaction = unknown> {
  readonly #event: WebhookEvent;
  readonly #getSignal: () => AbortSignal;
  readonly #getTransaction: (() => unknown) | undefined;
  /** The handler's id, such as `BillingService.extendSubscription`. */
  readonly handler: string;
  /** 1 for the first run of this delivery, and for the first after a replay. */
  readonly attempt: number;
  /** How often this delivery was replayed: 0 unless somebody asked for it to run anew. */
  readonly replays: number;

  constructor(fields: WebhookContextFields) {
    const { event, handler, attempt, replays, getSignal, getTransaction } = fields;
    this.#event = event;
    this.#getSignal = getSignal;
    this.#getTransaction = getTransaction;
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
   * The transaction in which the delivery is settled, for a handler with `transaction: true`. What is written
   * with it is committed with the delivery's success, and rolled back when the handler throws anything.
   * Do not commit it, and do not use it after the handler has returned.
   * @throws WebhookConfigurationError for a handler that has not asked for one.
   */
  get transaction(): Transaction {
    if (this.#getTransaction) return this.#getTransaction() as Transaction;
    throw new WebhookConfigurationError(
      `${this.handler} has no transaction. Give its decorator { transaction: true }.`,
    );
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
