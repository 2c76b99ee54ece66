import { randomUUID } from 'node:crypto';
import { eventBytes } from '../endpoints/event-bytes.js';
import { isEventName } from '../endpoints/is-event-name.js';
import { jsonBytes } from '../endpoints/json-bytes.js';
import { parseJson } from '../endpoints/parse-json.js';
import { resolveEndpointOptions } from '../endpoints/resolve-endpoint-options.js';
import type {
  KnownOfEvent,
  ParsedEvent,
  SigningOptions,
  WebhookEndpoint,
} from '../endpoints/webhook-endpoint.interface.js';
import { MalformedEventError } from '../errors/malformed-event.error.js';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { WebhookContext } from '../handlers/webhook-context.js';
import type { WebhookContextFields } from '../handlers/webhook-context.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';
import { createStandardWebhooksHeaders } from '../signatures/standard-webhooks-headers.js';
import {
  standardWebhooksId,
  verifyStandardWebhooksSignature,
} from '../signatures/standard-webhooks-signature.js';
import type { LabelledKey } from '../signatures/standard-webhooks-signature.js';
import { decodeKey } from './decode-key.js';
import type { StandardWebhooksOptions } from './standard-webhooks-options.interface.js';
import { readType, resolveTypePath } from './type-path.js';

/** How a sender that signs by Standard Webhooks differs from others that do. */
export interface StandardWebhooksSender {
  /** Its name, which its decorators refer to. */
  readonly sender: string;
  /** Whether it calls its headers `svix-…`. */
  readonly svix: boolean;
}

/** An endpoint for a sender that signs by Standard Webhooks. */
export class StandardWebhooksEndpoint implements WebhookEndpoint {
  readonly sender: string;
  readonly source: string;
  readonly maxBodyBytes: number;
  readonly secretLabels: readonly string[];
  readonly #toleranceSeconds: number;
  readonly #keys: readonly LabelledKey[];
  readonly #typePath: readonly string[];
  readonly #svix: boolean;

  /** @throws WebhookConfigurationError */
  constructor(
    readonly name: string,
    options: StandardWebhooksOptions,
    { sender, svix }: StandardWebhooksSender,
  ) {
    const resolved = resolveEndpointOptions(name, options, name);
    this.sender = sender;
    this.source = resolved.source;
    this.maxBodyBytes = resolved.maxBodyBytes;
    this.secretLabels = resolved.secrets.map(({ label }) => label);
    this.#toleranceSeconds = resolved.toleranceSeconds;
    this.#keys = resolved.secrets.map((secret) => decodeKey(name, secret));
    this.#typePath = resolveTypePath(name, options.typePath);
    this.#svix = svix;
  }

  verify({ rawBody, headers }: RawRequest, nowSeconds: number): string {
    return verifyStandardWebhooksSignature({
      rawBody,
      headers,
      keys: this.#keys,
      toleranceSeconds: this.#toleranceSeconds,
      nowSeconds,
    });
  }

  parse({ rawBody, headers }: RawRequest, known: KnownOfEvent = {}): ParsedEvent {
    const payload = parseJson(rawBody);
    const id = known.id ?? standardWebhooksId(headers);
    const type = known.type ?? readType(payload, this.#typePath);
    if (id === undefined) {
      throw malformed(
        'The event has no id: it is in the webhook-id header, or given with receive({ endpoint, event, id })',
      );
    }
    if (!isEventName(id)) throw malformed('The id is not one line of 1 to 255 characters');
    if (isEventName(type)) return { id, type, payload };
    const path = this.#typePath.join('.');
    throw malformed(
      `The body has no event type of 1 to 255 characters at "${path}". Say where it is with typePath`,
    );
  }

  unwrap(event: unknown): Buffer {
    const bytes = eventBytes(event);
    if (bytes) return bytes;
    if (typeof event === 'object' && event !== null) return jsonBytes(event);
    throw malformed('This is no event: give an object, or its JSON as a string or bytes');
  }

  skipReason(): undefined {}

  objectionTo(): undefined {}

  handlerArguments(
    fields: WebhookContextFields,
    payload: unknown,
  ): [payload: unknown, context: WebhookContext] {
    return [payload, new WebhookContext(fields)];
  }

  replyHeaders(): Readonly<Record<string, string>> {
    return {};
  }

  sign(
    rawBody: Buffer,
    { timestampSeconds, secretLabel, id, svix }: SigningOptions,
  ): Record<string, string> {
    const [first] = this.#keys;
    const found = secretLabel ? this.#keys.find(({ label }) => label === secretLabel) : first;
    if (!found) {
      throw new WebhookConfigurationError(
        `Webhook endpoint "${this.name}" has no secret "${secretLabel}", but: ${this.secretLabels.join(', ')}.`,
      );
    }
    if (found.key.type === 'ed25519') {
      throw new WebhookConfigurationError(
        `Webhook endpoint "${this.name}": "${found.label}" is a public key, which cannot sign. Make the ` +
          "headers with signStandardWebhook({ body, secret: 'whsk_…' }).",
      );
    }
    const message = { id: id ?? `msg_${randomUUID()}`, timestampSeconds, rawBody };
    return createStandardWebhooksHeaders(message, found.key, svix ?? this.#svix);
  }
}

function malformed(what: string): MalformedEventError {
  return new MalformedEventError('event_malformed', `${what}.`);
}
