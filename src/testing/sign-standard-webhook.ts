import { randomUUID } from 'node:crypto';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { createStandardWebhooksHeaders } from '../signatures/standard-webhooks-headers.js';
import { decodeSigningKey } from '../signatures/standard-webhooks-key.js';

export interface SignStandardWebhookOptions {
  /** The body, byte for byte as it will be sent. */
  readonly body: string | Uint8Array;
  /** The signing secret, with or without `whsec_`; or an ed25519 private key, `whsk_…`, for a `v1a` signature. */
  readonly secret: string;
  /**
   * The event's id.
   * @default a new `msg_…`
   */
  readonly id?: string;
  /**
   * When it was signed, in seconds since 1970.
   * @default now
   */
  readonly timestamp?: number;
  /**
   * Whether the headers are called `svix-…` and not `webhook-…`.
   * @default false
   */
  readonly svix?: boolean;
}

/**
 * The headers of a body, as a sender makes them that signs by Standard Webhooks.
 *
 * @throws WebhookConfigurationError for a secret that is none.
 *
 * @example
 * await fetch(url, { method: 'POST', body, headers: signStandardWebhook({ body, secret }) });
 */
export function signStandardWebhook({
  body,
  secret,
  id = `msg_${randomUUID()}`,
  timestamp = Math.floor(Date.now() / 1000),
  svix = false,
}: SignStandardWebhookOptions): Record<string, string> {
  const decoded = decodeSigningKey(secret);
  if (decoded.status === 'refused') {
    throw new WebhookConfigurationError(`signStandardWebhook: the secret ${decoded.reason}.`);
  }
  const message = { id, timestampSeconds: timestamp, rawBody: Buffer.from(body) };
  return createStandardWebhooksHeaders(message, decoded.key, svix);
}
