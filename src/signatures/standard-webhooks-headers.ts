import type { StandardWebhooksKey } from './standard-webhooks-key.js';
import { createStandardWebhooksSignature } from './standard-webhooks-signature.js';
import type { StandardWebhooksMessage } from './standard-webhooks-signature.js';

/** The three headers of a signed message, called `svix-…` or `webhook-…`. */
export function createStandardWebhooksHeaders(
  message: StandardWebhooksMessage,
  key: StandardWebhooksKey,
  svix: boolean,
): Record<string, string> {
  const prefix = svix ? 'svix' : 'webhook';
  return {
    [`${prefix}-id`]: message.id,
    [`${prefix}-timestamp`]: String(message.timestampSeconds),
    [`${prefix}-signature`]: createStandardWebhooksSignature(message, key),
  };
}
