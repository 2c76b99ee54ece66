import { WebhooksError } from './webhooks.error.js';

/** What a reply handler returned cannot be sent, so the sender got the fallback. */
export class InvalidReplyError extends WebhooksError {
  readonly code = 'reply_invalid';
}
