import { WebhooksError } from './webhooks.error.js';

/** The application is set up in a way that cannot work, so it refuses to start. */
export class WebhookConfigurationError extends WebhooksError {
  readonly code = 'configuration_invalid';
}
