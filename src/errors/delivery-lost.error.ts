import { WebhooksError } from './webhooks.error.js';

/**
 * A handler's transaction was rolled back instead of committed: its attempt had been given up, or another
 * process had taken the delivery over. The delivery is run by whoever has it now.
 */
export class DeliveryLostError extends WebhooksError {
  readonly code = 'delivery_lost';

  constructor(
    readonly handler: string,
    readonly eventId: string,
  ) {
    super(
      `The transaction of ${handler} for ${eventId} was rolled back: the attempt was given up, or another ` +
        'process has taken the delivery over.',
    );
  }
}
