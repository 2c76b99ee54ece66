import type Stripe from 'stripe';
import { WebhookContext } from '../handlers/webhook-context.js';
import type { WebhookContextFields } from '../handlers/webhook-context.js';
import { accountOf } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** The context of a Stripe event. */
export class StripeWebhookContext<Transaction = unknown> extends WebhookContext<Transaction> {
  /** The connected account the event happened on, such as `acct_…`; undefined for the own account. */
  readonly account: string | undefined;
  readonly livemode: boolean;
  readonly #getClient: () => Stripe;

  /** @param getClient Gives the client for the event's account, or throws StripeClientError. */
  constructor(fields: WebhookContextFields, envelope: StripeEnvelope, getClient: () => Stripe) {
    super(fields);
    this.account = accountOf(envelope);
    this.livemode = envelope.livemode ?? false;
    this.#getClient = getClient;
  }

  /**
   * A Stripe client whose calls are made for the event's account.
   * @throws StripeClientError where the endpoint has no client; the message says how to give one.
   */
  get stripe(): Stripe {
    return this.#getClient();
  }
}
