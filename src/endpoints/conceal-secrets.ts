import type { Provider } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookEndpointOptions } from './endpoint-options.interface.js';

/**
 * The provider of an endpoint's options, with secrets that neither `inspect` nor JSON shows.
 * @throws WebhookConfigurationError from it, for what are no options.
 */
export function concealSecrets(endpoint: string, provider: Provider): Provider {
  if (typeof provider === 'function') return provider;
  if ('useValue' in provider) {
    return { ...provider, useValue: conceal(endpoint, provider.useValue) };
  }
  if (!('useFactory' in provider)) return provider;
  return {
    ...provider,
    useFactory: async (...dependencies: unknown[]) =>
      conceal(endpoint, await provider.useFactory(...dependencies)),
  };
}

function conceal(endpoint: string, given: WebhookEndpointOptions): WebhookEndpointOptions {
  if (typeof given !== 'object' || given === null) {
    throw new WebhookConfigurationError(
      `Webhook endpoint "${endpoint}" has no options. Give forRoot, or what the factory of forRootAsync ` +
        'returns, at least { secrets }.',
    );
  }
  const { secrets, ...options } = given;
  return Object.defineProperty(options as WebhookEndpointOptions, 'secrets', {
    get: () => secrets,
  });
}
