import { WebhooksError } from './webhooks.error.js';

/** A question to the inbox that it cannot answer, such as a limit of 0. The message says what is wrong. */
export class EventQueryError extends WebhooksError {
  readonly code = 'event_query_invalid';
}
