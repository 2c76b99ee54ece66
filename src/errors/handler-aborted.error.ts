import { WebhooksError } from './webhooks.error.js';

/** The application is shutting down and no longer waits for the handler. The reason of `context.signal`. */
export class HandlerAbortedError extends WebhooksError {
  readonly code = 'handler_aborted';

  constructor(readonly handler: string) {
    super(`${handler} was still running when the application shut down.`);
  }
}
