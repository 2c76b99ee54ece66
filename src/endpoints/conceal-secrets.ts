import type { Provider } from '@nestjs/common';
import type { WebhookEndpointOptions } from './endpoint-options.interface.js';

/** The provider of an endpoint's options, with secrets that neither `inspect` nor JSON shows. */
export function concealSecrets(provider: Provider): Provider {
  if (typeof provider === 'function') return provider;
  if ('useValue' in provider) return { ...provider, useValue: conceal(provider.useValue) };
  if (!('useFactory' in provider)) return provider;
  return {
    ...provider,
    useFactory: async (...dependencies: unknown[]) =>
      conceal(await provider.useFactory(...dependencies)),
  };
}

function conceal({ secrets, ...options }: WebhookEndpointOptions): WebhookEndpointOptions {
  return Object.defineProperty(options as WebhookEndpointOptions, 'secrets', {
    get: () => secrets,
  });
}
