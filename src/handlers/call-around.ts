import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookInboxOptions } from '../inbox/webhook-inbox.options.js';
import type { WebhookContext } from './webhook-context.js';

/**
 * Calls a handler within `around`.
 * @throws WebhookConfigurationError when `around` never called it: the delivery has not been run.
 */
export async function callAround(
  around: NonNullable<WebhookInboxOptions['around']>,
  context: WebhookContext,
  call: () => unknown,
): Promise<unknown> {
  let hasRun = false;
  const result = await around(context, async () => {
    hasRun = true;
    return call();
  });
  if (hasRun) return result;
  throw new WebhookConfigurationError(
    `\`around\` of WebhookInboxModule returned without calling run for ${context.handler}. Call it once, and ` +
      'return what it returns.',
  );
}
