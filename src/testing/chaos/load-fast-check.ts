import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';

/** The module, so that it is needed only by who asks for chaos. */
export type FastCheck = typeof import('fast-check');

/** @throws WebhookConfigurationError saying how to install it. */
export async function loadFastCheck(
  load: () => Promise<FastCheck> = () => import('fast-check'),
): Promise<FastCheck> {
  try {
    return await load();
  } catch (cause) {
    throw new WebhookConfigurationError(
      'chaos needs the package fast-check, which is not installed: npm install --save-dev fast-check',
      { cause },
    );
  }
}
