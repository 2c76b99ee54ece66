import { WebhooksError } from './webhooks.error.js';

/** A handler did not return in time. Its `context.signal` is aborted with this error as the reason. */
export class HandlerTimeoutError extends WebhooksError {
  readonly code = 'handler_timeout';

  constructor(
    readonly handler: string,
    readonly timeoutMs: number,
  ) {
    super(`${handler} did not finish within ${timeoutMs} ms.`);
  }
}
