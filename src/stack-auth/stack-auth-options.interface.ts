import type { WebhookEndpointOptions } from '../endpoints/endpoint-options.interface.js';

/** What `StackAuthWebhooksModule` takes, beside `name` and `decorators`. */
export type StackAuthWebhooksOptions = WebhookEndpointOptions;
