import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookInboxOptions } from '../inbox/webhook-inbox.options.js';
import type { WebhookContext } from './webhook-context.js';

/**
 * Calls a handler within `around`: once, however often `run` is called, and to its end, even where
 * `around` does not wait for it. What the handler throws fails the delivery, even where `around` keeps it
 * to itself; what `around` throws comes first.
 *
 * @returns What the handler returned, whatever `around` made of it.
 * @throws WebhookConfigurationError when `around` never called it: the delivery has not been run.
 */
export async function callAround(
  around: NonNullable<WebhookInboxOptions['around']>,
  context: WebhookContext,
  call: () => unknown,
): Promise<unknown> {
  let running: Promise<unknown> | undefined;
  const run = (): Promise<unknown> => (running ??= (async () => call())());
  try {
    await around(context, run);
  } finally {
    await Promise.allSettled([running]);
  }
  if (!running) throw notRun(context.handler);
  return running;
}

function notRun(handler: string): WebhookConfigurationError {
  return new WebhookConfigurationError(
    `\`around\` of WebhookInboxModule returned without calling run for ${handler}. Call it once, and ` +
      'return what it returns.',
  );
}
