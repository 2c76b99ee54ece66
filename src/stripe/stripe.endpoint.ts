import type Stripe from 'stripe';
import { isEventName } from '../endpoints/is-event-name.js';
import { parseJson } from '../endpoints/parse-json.js';
import { resolveEndpointOptions } from '../endpoints/resolve-endpoint-options.js';
import type { ResolvedEndpointOptions } from '../endpoints/resolve-endpoint-options.js';
import type {
  ParsedEvent,
  SigningOptions,
  WebhookEndpoint,
} from '../endpoints/webhook-endpoint.interface.js';
import { MalformedEventError } from '../errors/malformed-event.error.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookContextFields } from '../handlers/webhook-context.js';
import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import { createStripeSignature, verifyStripeSignature } from '../signatures/stripe-signature.js';
import { createNotification } from './create-notification.js';
import {
  assertNoApiKeys,
  resolveChecksOnStart,
  resolveFilter,
  resolveOnMismatch,
  resolvePublicUrl,
  resolveReconcile,
} from './resolve-stripe-options.js';
import { StripeClients } from './stripe-clients.js';
import type { StripeClientSelector } from './stripe-clients.js';
import type { StripeReconcileSchedule } from './reconcile/stripe-reconcile-schedule.interface.js';
import type { StripeWebhooksOptions } from './stripe-endpoint-options.interface.js';
import { accountOf, filterReason, isNotification } from './stripe-scope.js';
import type { StripeEnvelope, StripeEventFilter } from './stripe-scope.js';
import { stripeReplyHeaders } from './stripe-reply-headers.js';
import { StripeVersionGuard } from './stripe-version-guard.js';
import { StripeWebhookContext } from './stripe-webhook-context.js';
import { unwrapStripeEvent } from './unwrap-stripe-event.js';

const SENDER = 'stripe';

/** An endpoint that Stripe sends to. */
export class StripeEndpoint implements WebhookEndpoint {
  readonly sender = SENDER;
  readonly source: string;
  readonly maxBodyBytes: number;
  readonly secretLabels: readonly string[];
  /** Which events this endpoint is for. */
  readonly filter: StripeEventFilter;
  /** Where Stripe reaches it, if that was said. */
  readonly publicUrl: string | undefined;
  /** Whether it is compared with what Stripe has when the application starts. */
  readonly checksOnStart: boolean;
  /** When events are looked for that never arrived. */
  readonly reconcile: StripeReconcileSchedule | undefined;
  readonly #options: ResolvedEndpointOptions;
  readonly #clients: StripeClients;
  readonly #versionGuard: StripeVersionGuard;

  /** @throws WebhookConfigurationError */
  constructor(
    readonly name: string,
    options: StripeWebhooksOptions,
    getClient: () => Stripe | StripeClientSelector | undefined,
  ) {
    this.#options = resolveEndpointOptions(name, options, SENDER);
    assertNoApiKeys(name, this.#options.secrets);
    this.filter = resolveFilter(name, options);
    this.#clients = new StripeClients(name, getClient);
    this.#versionGuard = new StripeVersionGuard(name, resolveOnMismatch(name, options));
    this.publicUrl = resolvePublicUrl(name, options);
    this.checksOnStart = resolveChecksOnStart(name, options);
    this.reconcile = resolveReconcile(name, options);
    this.source = this.#options.source;
    this.maxBodyBytes = this.#options.maxBodyBytes;
    this.secretLabels = this.#options.secrets.map(({ label }) => label);
  }

  /** Whether the client's key is of live mode; undefined where that depends on the event, or the key does not say. */
  get keyMode(): boolean | undefined {
    return this.#clients.keyMode;
  }

  /**
   * The client for what an account has in a mode.
   * @throws StripeClientError where there is none, or its key is of the other mode.
   */
  clientFor(envelope: Pick<StripeEnvelope, 'account' | 'context' | 'livemode'>): Stripe {
    return this.#clients.for(envelope);
  }

  verify({ rawBody, headers }: RawRequest, nowSeconds: number): string {
    const { secrets, toleranceSeconds } = this.#options;
    const header = headers['stripe-signature'];
    return verifyStripeSignature({ rawBody, header, secrets, toleranceSeconds, nowSeconds });
  }

  parse({ rawBody }: RawRequest): ParsedEvent {
    const payload = parseJson(rawBody);
    const envelope = (payload ?? {}) as StripeEnvelope & { id?: unknown };
    const { id, type, livemode } = envelope;
    const account = accountOf(envelope);
    if (isEventName(id) && isEventName(type)) {
      return {
        id,
        type,
        account: isEventName(account) ? account : undefined,
        livemode: typeof livemode === 'boolean' ? livemode : undefined,
        payload,
      };
    }
    throw new MalformedEventError(
      'event_malformed',
      'The body has no event id and type of up to 255 characters.',
    );
  }

  unwrap(event: unknown): Buffer {
    return unwrapStripeEvent(event);
  }

  skipReason(payload: unknown): string | undefined {
    return filterReason(this.filter, payload as StripeEnvelope, `endpoint "${this.name}"`);
  }

  objectionTo(
    { endpoints, hasScope }: WebhookSubscription,
    stripeEndpoints: readonly WebhookEndpoint[],
  ): string | undefined {
    if (endpoints !== undefined || hasScope) return undefined;
    const isConnect = stripeEndpoints.some(
      (each) => each instanceof StripeEndpoint && each.filter.scope === 'connect',
    );
    if (!isConnect && stripeEndpoints.length === 1) return undefined;
    const names = stripeEndpoints.map(({ name }) => `'${name}'`).join(', ');
    return (
      `events of connected accounts can reach it too. Say which ones it is for: { scope: 'account' }, ` +
      `{ scope: 'connect' } or { scope: 'any' }, or { endpoint } with one of ${names}.`
    );
  }

  handlerArguments(
    fields: WebhookContextFields,
    payload: unknown,
  ): [payload: unknown, context: StripeWebhookContext] {
    const envelope = payload as StripeEnvelope;
    this.#versionGuard.check(envelope, this.#clients.fixed);
    const getClient = (): Stripe => this.#clients.for(envelope);
    return [
      isNotification(envelope) ? createNotification(envelope, getClient) : payload,
      new StripeWebhookContext(fields, envelope, getClient),
    ];
  }

  replyHeaders(payload: unknown): Readonly<Record<string, string>> {
    return stripeReplyHeaders(payload as StripeEnvelope, this.#clients.fixed);
  }

  sign(rawBody: Buffer, { timestampSeconds, secretLabel }: SigningOptions): Record<string, string> {
    const { secrets } = this.#options;
    const secret = secretLabel ? secrets.find(({ label }) => label === secretLabel) : secrets[0];
    if (!secret) {
      throw new WebhookConfigurationError(
        `Webhook endpoint "${this.name}" has no secret "${secretLabel}", but: ${this.secretLabels.join(', ')}.`,
      );
    }
    return { 'stripe-signature': createStripeSignature(rawBody, secret.value, timestampSeconds) };
  }
}
