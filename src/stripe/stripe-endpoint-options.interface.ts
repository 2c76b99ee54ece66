import type Stripe from 'stripe';
import type { WebhookEndpointOptions } from '../endpoints/endpoint-options.interface.js';
import type { StripeReconcileSchedule } from './reconcile/stripe-reconcile-schedule.interface.js';
import type { StripeClientSelector } from './stripe-clients.js';
import type { OnVersionMismatch } from './stripe-version-guard.js';
import type { StripeScope } from './stripe-scope.js';

/** What `StripeWebhooksModule` takes, beside `name` and `decorators`. */
export interface StripeWebhooksOptions extends WebhookEndpointOptions {
  /**
   * Whose events this endpoint is for: the own account's, or connected accounts'. Others are stored as
   * `skipped` and answered 200, because Stripe disables endpoints that refuse.
   * @default `any`
   */
  readonly scope?: StripeScope;
  /**
   * Only live events (`true`) or only test events (`false`); the others are skipped. Set it on a live
   * Connect endpoint, which Stripe sends test events too.
   * @default both
   */
  readonly livemode?: boolean;
  /**
   * Where Stripe reaches this endpoint: its whole URL. `StripeDestinations` compares it with what Stripe has.
   * @default the endpoint's path behind the `baseUrl` it is given
   */
  readonly publicUrl?: string;
  /**
   * Compares what Stripe sends to `publicUrl` with the handlers when the application starts, and warns once
   * of each difference: a type that is not sent, one that nobody handles, a disabled destination, another
   * API version. The start does not wait for it.
   * @default false
   */
  readonly checkOnStart?: boolean;
  /**
   * Has `StripeReconciler` look for events that never arrived: when the application starts, and every so
   * many milliseconds. Needs a client, and an engine that keeps what it stores.
   * @default none
   */
  readonly reconcile?: StripeReconcileSchedule;
  /**
   * The client behind `context.stripe`, used for the event's account; or a function that chooses it, such
   * as by the event's mode. A key of the other mode than the event's is refused.
   * @default what the application provides as `STRIPE_CLIENT`
   */
  readonly client?: Stripe | StripeClientSelector;
  /**
   * What to do with a snapshot event whose API version is of another major release than the client's, so
   * that its fields may differ from their types: warn in the log, once a version; nothing; or let its
   * deliveries be `dead`, to be looked at. Not for `account.application.*`, and only with a `client` that is
   * no function.
   * @default `warn`
   */
  readonly onVersionMismatch?: OnVersionMismatch;
}
