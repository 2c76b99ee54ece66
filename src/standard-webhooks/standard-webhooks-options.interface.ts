import type {
  WebhookEndpointExtras,
  WebhookEndpointOptions,
} from '../endpoints/endpoint-options.interface.js';

/** What `StandardWebhooksModule` takes, beside `name` and `decorators`. */
export interface StandardWebhooksOptions extends WebhookEndpointOptions {
  /**
   * Where the event's type is in the body: a field, or a path of fields with dots between, such as
   * `event.name`.
   * @default `type`
   */
  readonly typePath?: string;
}

/** What stands beside a factory. An endpoint for Standard Webhooks has no name of its own. */
export interface StandardWebhooksExtras extends WebhookEndpointExtras {
  /** The endpoint's name, such as `clerk`: for decorators, logs and `context.endpoint`. */
  readonly name: string;
}
