import { NonRetriableError } from './non-retriable.error.js';

/**
 * A handler has ended the transaction that the inbox gave it, so that its delivery could not be settled in it.
 * The delivery is `dead`: what it has committed would be done again.
 */
export class TransactionEndedError extends NonRetriableError {
  override readonly code = 'transaction_ended';

  constructor(
    readonly handler: string,
    readonly eventId: string,
  ) {
    super(
      `${handler} has ended its transaction for ${eventId} with a COMMIT or a ROLLBACK of its own. Leave both ` +
        'to the inbox: return to commit, throw to roll back.',
    );
  }
}
