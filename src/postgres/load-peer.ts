import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';

/**
 * Loads an optional package when it is used.
 * @throws WebhookConfigurationError with the line that installs it, where it is missing.
 */
export async function loadPeer<T>(
  name: string,
  install: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    if (!isMissing) throw error;
    throw new WebhookConfigurationError(
      `postgresEngine needs the package ${name} (${String(message)}). Install it: npm install ${install}`,
      { cause: error },
    );
  }
}
