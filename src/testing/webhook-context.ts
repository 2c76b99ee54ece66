import type Stripe from 'stripe';
import { StripeClientError } from '../errors/stripe-client.error.js';
import type { ArrivedBy } from '../inbox/webhook-event.interface.js';
import type { StripeEnvelope } from '../stripe/stripe-scope.js';
import { StripeWebhookContext } from '../stripe/stripe-webhook-context.js';

/** What a test says of a context; the rest is filled in. */
export interface WebhookContextOptions {
  /** The event that the handler gets: id, type, account and mode are taken from it. */
  readonly event?: object;
  /** What `context.stripe` is: a client, or as much of one as the handler uses. */
  readonly stripe?: object;
  /** @default the event's id, or `evt_1` */
  readonly eventId?: string;
  /** @default the event's type, or `test` */
  readonly type?: string;
  /** @default `stripe` */
  readonly endpoint?: string;
  /** @default `stripe` */
  readonly source?: string;
  /** @default `Handler.method` */
  readonly handler?: string;
  /** @default 1 */
  readonly attempt?: number;
  /** @default 0 */
  readonly replays?: number;
  /** @default now */
  readonly receivedAt?: Date;
  /** @default `http` */
  readonly arrivedBy?: ArrivedBy;
  /** @default `default` */
  readonly secretLabel?: string;
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the event as JSON */
  readonly rawBody?: Buffer;
  /** @default one that is never aborted */
  readonly signal?: AbortSignal;
}

/**
 * A context for the unit test of a handler: a handler is a plain method, and can be called as one. For
 * events of other senders than Stripe it is a `WebhookContext` whose `account` is undefined.
 *
 * @example
 * await new BillingService(store).extendSubscription(event, webhookContext({ event, attempt: 2 }));
 */
export function webhookContext(options: WebhookContextOptions = {}): StripeWebhookContext {
  const { event = {}, handler = 'Handler.method', attempt = 1, replays = 0 } = options;
  const { id, type } = event as { readonly id?: string; readonly type?: string };
  const signal = options.signal ?? new AbortController().signal;
  const webhookEvent = {
    source: options.source ?? 'stripe',
    endpoint: options.endpoint ?? 'stripe',
    id: options.eventId ?? id ?? 'evt_1',
    type: options.type ?? type ?? 'test',
    receivedAt: options.receivedAt ?? new Date(),
    arrivedBy: options.arrivedBy ?? 'http',
    secretLabel: options.secretLabel ?? 'default',
    headers: options.headers ?? {},
    rawBody: options.rawBody ?? Buffer.from(JSON.stringify(event)),
  };
  const getClient = (): Stripe => {
    // A test gives as much of a client as its handler uses.
    if (options.stripe) return options.stripe as Stripe;
    throw new StripeClientError(
      'context.stripe is used, and the test gives none: webhookContext({ stripe: client }).',
    );
  };
  const fields = { event: webhookEvent, handler, attempt, replays, getSignal: () => signal };
  return new StripeWebhookContext(fields, event as StripeEnvelope, getClient);
}
