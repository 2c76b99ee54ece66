import type Stripe from 'stripe';
import { StripeClientError } from '../errors/stripe-client.error.js';
import { accountOf, contextOf } from './stripe-scope.js';
import type { StripeEnvelope } from './stripe-scope.js';
import { scopeStripeClient } from './scope-stripe-client.js';

/** Which event a client is asked for. */
export interface StripeClientRequest {
  /** The connected account, such as `acct_…`; undefined for the own account. */
  readonly account: string | undefined;
  /** The context of an event notification as it was sent, such as `acct_…` or `org_…/acct_…`. */
  readonly context: string | undefined;
  readonly livemode: boolean;
  /** The name of the endpoint the event came by. */
  readonly endpoint: string;
}

/**
 * Chooses the client of an event, such as by its mode, or by the OAuth token of the account that installed
 * an App.
 */
export type StripeClientSelector = (request: StripeClientRequest) => Stripe;

/** The Stripe clients of an endpoint's events. */
export class StripeClients {
  #source: Stripe | StripeClientSelector | undefined;
  #hasAsked = false;

  /** @param findSource Asked when the first event is handled: by then every provider exists. */
  constructor(
    private readonly endpoint: string,
    private readonly findSource: () => Stripe | StripeClientSelector | undefined,
  ) {}

  /** The client where it is one for all events; undefined where there is none or a function chooses. */
  get fixed(): Stripe | undefined {
    const source = this.#getSource();
    return typeof source === 'function' ? undefined : source;
  }

  /** Whether the one client's key is of live mode; undefined where a function chooses, or it does not say. */
  get keyMode(): boolean | undefined {
    const client = this.fixed;
    return client && modeOfKey(client);
  }

  /**
   * A client whose calls are made for the event's account: by `Stripe-Context` for an event notification,
   * by `Stripe-Account` for a snapshot event, never by both.
   * @throws StripeClientError where there is no client, or one whose key is of the other mode.
   */
  for(envelope: StripeEnvelope): Stripe {
    const client = this.#choose(envelope);
    const context = contextOf(envelope);
    if (context !== undefined) return scopeStripeClient(client, { stripeContext: context });
    const account = accountOf(envelope);
    return account === undefined ? client : scopeStripeClient(client, { stripeAccount: account });
  }

  #choose(envelope: StripeEnvelope): Stripe {
    const { livemode = false } = envelope;
    const source = this.#getSource();
    const request = {
      account: accountOf(envelope),
      context: contextOf(envelope),
      livemode,
      endpoint: this.endpoint,
    };
    const client = typeof source === 'function' ? source(request) : source;
    if (!client) throw this.#missing();
    const keyMode = modeOfKey(client);
    if (keyMode === undefined || keyMode === livemode) return client;
    throw new StripeClientError(
      `The Stripe client of endpoint "${this.endpoint}" has a ${nameOf(keyMode)} key, and the event is of ` +
        `${nameOf(livemode)} mode. Give \`client\` as a function that chooses by livemode, or let the ` +
        `endpoint skip such events with { livemode: ${keyMode} }.`,
    );
  }

  #getSource(): Stripe | StripeClientSelector | undefined {
    if (!this.#hasAsked) this.#source = this.findSource();
    this.#hasAsked = true;
    return this.#source;
  }

  #missing(): StripeClientError {
    return new StripeClientError(
      `context.stripe needs a Stripe client, and endpoint "${this.endpoint}" has none. Give ` +
        'StripeWebhooksModule.forRoot({ client: new Stripe(apiKey), … }), or provide STRIPE_CLIENT.',
    );
  }
}

/** Whether two clients ask with one key, and so for one account. */
export function haveSameKey(one: Stripe, other: Stripe): boolean {
  return one === other || (keyOf(one) !== undefined && keyOf(one) === keyOf(other));
}

/** Whether a client's key is of live mode; undefined for a key that does not say, such as of an organization. */
function modeOfKey(client: Stripe): boolean | undefined {
  const mode = /^[a-z]{2}_(live|test)_/.exec(String(keyOf(client)))?.[1];
  return mode === undefined ? undefined : mode === 'live';
}

function keyOf(client: Stripe): unknown {
  const { _authenticator } = client as unknown as { _authenticator?: { _apiKey?: unknown } };
  return _authenticator?._apiKey;
}

function nameOf(livemode: boolean): string {
  return livemode ? 'live' : 'test';
}
