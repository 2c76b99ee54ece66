import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { LabelledSecret } from '../signatures/labelled-secret.interface.js';
import { decodeVerificationKey } from '../signatures/standard-webhooks-key.js';
import type { LabelledKey } from '../signatures/standard-webhooks-signature.js';

/** The key of an endpoint's secret. @throws WebhookConfigurationError naming endpoint and label, never the secret. */
export function decodeKey(endpoint: string, { label, value }: LabelledSecret): LabelledKey {
  const decoded = decodeVerificationKey(value);
  if (decoded.status === 'decoded') return { label, key: decoded.key };
  throw new WebhookConfigurationError(
    `Webhook endpoint "${endpoint}": its secret "${label}" ${decoded.reason}.`,
  );
}
