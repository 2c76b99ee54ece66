import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { DueDelivery } from '../inbox/webhook-engine.interface.js';

/** The transaction of one attempt of a handler that has asked for one. */
export class AttemptTransaction {
  #current: { readonly transaction: unknown } | undefined;

  constructor(private readonly delivery: DueDelivery) {}

  /** @throws WebhookConfigurationError before it is open. */
  get current(): unknown {
    if (this.#current) return this.#current.transaction;
    throw new WebhookConfigurationError(
      `The transaction of ${this.delivery.handler} is not open: read it in the handler.`,
    );
  }

  /** Calls the handler within the transaction; it is committed when that resolves. */
  run(call: () => unknown): Promise<unknown> {
    const { transact, handler } = this.delivery;
    if (!transact) {
      throw new WebhookConfigurationError(
        `The engine says that it is transactional and has handed ${handler} no transaction.`,
      );
    }
    return transact(async (transaction) => {
      this.#current = { transaction };
      return call();
    });
  }
}
