import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { assertDelay } from '../inbox/webhook-inbox.options.js';
import type { LabelledSecret } from '../signatures/labelled-secret.interface.js';
import type { StripeReconcileSchedule } from './reconcile/stripe-reconcile-schedule.interface.js';
import type { StripeWebhooksOptions } from './stripe-endpoint-options.interface.js';
import { assertFilter } from './stripe-scope.js';
import type { StripeEventFilter } from './stripe-scope.js';
import type { OnVersionMismatch } from './stripe-version-guard.js';

/** @throws WebhookConfigurationError */
export function assertNoApiKeys(name: string, secrets: readonly LabelledSecret[]): void {
  const apiKey = secrets.find(({ value }) => /^[a-z]{2}_(?:test|live)_/.test(value));
  if (!apiKey) return;
  throw new WebhookConfigurationError(
    `Webhook endpoint "${name}": its secret "${apiKey.label}" is an API key. Give the signing secret of the ` +
      'endpoint, which begins with "whsec_".',
  );
}

export function resolveOnMismatch(
  name: string,
  { onVersionMismatch = 'warn' }: StripeWebhooksOptions,
): OnVersionMismatch {
  if (['warn', 'ignore', 'dead'].includes(onVersionMismatch)) return onVersionMismatch;
  throw new WebhookConfigurationError(
    `Webhook endpoint "${name}": onVersionMismatch must be 'warn', 'ignore' or 'dead'.`,
  );
}

export function resolveChecksOnStart(
  name: string,
  { checkOnStart = false, publicUrl }: StripeWebhooksOptions,
): boolean {
  if (!checkOnStart || publicUrl !== undefined) return checkOnStart;
  throw new WebhookConfigurationError(
    `Webhook endpoint "${name}": checkOnStart needs publicUrl, to find in Stripe what sends to this endpoint.`,
  );
}

export function resolveReconcile(
  name: string,
  { reconcile }: StripeWebhooksOptions,
): StripeReconcileSchedule | undefined {
  const { everyMs } = reconcile ?? {};
  if (everyMs !== undefined)
    assertDelay(`reconcile.everyMs of webhook endpoint "${name}"`, everyMs);
  return reconcile;
}

export function resolvePublicUrl(
  name: string,
  { publicUrl }: StripeWebhooksOptions,
): string | undefined {
  if (publicUrl === undefined) return undefined;
  if (/^https?:/.test(publicUrl) && URL.canParse(publicUrl)) return publicUrl;
  throw new WebhookConfigurationError(
    `Webhook endpoint "${name}": publicUrl must be a whole URL, such as https://example.com/webhooks/${name}.`,
  );
}

export function resolveFilter(
  name: string,
  { scope, livemode }: StripeWebhooksOptions,
): StripeEventFilter {
  const filter = { scope, livemode };
  assertFilter(filter, `Webhook endpoint "${name}"`);
  return filter;
}
