import { RefusedRequestError } from './refused-request.error.js';

/**
 * Not every delivery of the event is settled, so the sender has to send it again. Answered 500.
 * `WebhookInboxAdmin.receive` rejects with it. The handlers' own errors are in the inbox and the log.
 */
export class DeliveriesUnfinishedError extends RefusedRequestError {
  readonly code = 'deliveries_unfinished';
  readonly statusCode = 500;

  constructor(
    readonly eventId: string,
    readonly handlers: readonly string[],
  ) {
    super(`Event ${eventId} is not finished by: ${handlers.join(', ')}. Send it again.`);
  }
}
