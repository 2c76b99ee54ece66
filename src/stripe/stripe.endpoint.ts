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
import { StripeClientError } from '../errors/stripe-client.error.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookContextFields } from '../handlers/webhook-context.js';
import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import { createStripeSignature, verifyStripeSignature } from '../signatures/stripe-signature.js';
import { scopeStripeClient } from './scope-stripe-client.js';
import type { StripeWebhooksOptions } from './stripe-endpoint-options.interface.js';
import { filterReason } from './stripe-scope.js';
import type { StripeEnvelope, StripeEventFilter } from './stripe-scope.js';
import { StripeWebhookContext } from './stripe-webhook-context.js';
import { unwrapStripeEvent } from './unwrap-stripe-event.js';

const SENDER = 'stripe';

/** An endpoint that Stripe sends to. */
export class StripeEndpoint implements WebhookEndpoint {
  readonly sender = SENDER;
  readonly source: string;
  readonly maxBodyBytes: number;
  readonly secretLabels: readonly string[];
  readonly #options: ResolvedEndpointOptions;
  readonly #filter: StripeEventFilter;
  readonly #getClient: () => Stripe | undefined;

  /** @throws WebhookConfigurationError */
  constructor(
    readonly name: string,
    options: StripeWebhooksOptions,
    getClient: () => Stripe | undefined,
  ) {
    this.#options = resolveEndpointOptions(name, options, SENDER);
    this.#filter = resolveFilter(name, options);
    this.#getClient = getClient;
    this.source = this.#options.source;
    this.maxBodyBytes = this.#options.maxBodyBytes;
    this.secretLabels = this.#options.secrets.map(({ label }) => label);
  }

  verify({ rawBody, headers }: RawRequest, nowSeconds: number): string {
    const { secrets, toleranceSeconds } = this.#options;
    const header = headers['stripe-signature'];
    return verifyStripeSignature({ rawBody, header, secrets, toleranceSeconds, nowSeconds });
  }

  parse({ rawBody }: RawRequest): ParsedEvent {
    const payload = parseJson(rawBody);
    const { id, type } = (payload ?? {}) as { id?: unknown; type?: unknown };
    if (isEventName(id) && isEventName(type)) return { id, type, payload };
    throw new MalformedEventError(
      'event_malformed',
      'The body has no event id and type of up to 255 characters.',
    );
  }

  unwrap(event: unknown): Buffer {
    return unwrapStripeEvent(event);
  }

  skipReason(payload: unknown): string | undefined {
    return filterReason(this.#filter, payload as StripeEnvelope, `endpoint "${this.name}"`);
  }

  objectionTo(
    { endpoints, hasScope }: WebhookSubscription,
    stripeEndpoints: readonly WebhookEndpoint[],
  ): string | undefined {
    if (endpoints !== undefined || hasScope) return undefined;
    const isConnect = stripeEndpoints.some(
      (each) => each instanceof StripeEndpoint && each.#filter.scope === 'connect',
    );
    if (!isConnect && stripeEndpoints.length === 1) return undefined;
    const names = stripeEndpoints.map(({ name }) => `'${name}'`).join(', ');
    return (
      `events of connected accounts can reach it too. Say which ones it is for: { scope: 'account' }, ` +
      `{ scope: 'connect' } or { scope: 'any' }, or { endpoint } with one of ${names}.`
    );
  }

  createContext(fields: WebhookContextFields, payload: unknown): StripeWebhookContext {
    const envelope = payload as StripeEnvelope;
    return new StripeWebhookContext(fields, envelope, () => this.#clientFor(envelope.account));
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

  #clientFor(account: string | undefined): Stripe {
    const client = this.#getClient();
    if (!client) {
      throw new StripeClientError(
        `context.stripe needs a Stripe client, and endpoint "${this.name}" has none. Give ` +
          'StripeWebhooksModule.forRoot({ client: new Stripe(apiKey), … }), or provide STRIPE_CLIENT.',
      );
    }
    return account === undefined ? client : scopeStripeClient(client, account);
  }
}

const SCOPES: readonly unknown[] = [undefined, 'account', 'connect', 'any'];

function resolveFilter(
  name: string,
  { scope, livemode }: StripeWebhooksOptions,
): StripeEventFilter {
  if (!SCOPES.includes(scope)) {
    throw new WebhookConfigurationError(
      `Webhook endpoint "${name}": scope must be 'account', 'connect' or 'any'.`,
    );
  }
  if (livemode !== undefined && typeof livemode !== 'boolean') {
    throw new WebhookConfigurationError(
      `Webhook endpoint "${name}": livemode must be true or false.`,
    );
  }
  return { scope, livemode };
}
