import { WebhooksError } from './webhooks.error.js';

/** A request that is answered with something else than 200. `statusCode` is the HTTP status. */
export abstract class RefusedRequestError extends WebhooksError {
  abstract readonly statusCode: number;
}
