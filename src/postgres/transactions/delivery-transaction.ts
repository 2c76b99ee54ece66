import { DeliveryLostError } from '../../errors/delivery-lost.error.js';
import { TransactionEndedError } from '../../errors/transaction-ended.error.js';
import type { Effects } from '../attempt.interface.js';
import type { TakenDelivery } from '../read-rows.js';
import type { Settler } from '../settler.js';
import type { SqlRow, SqlSession } from '../sql-database.interface.js';
import { isTransactionOpen } from './is-transaction-open.js';
import type { TransactionAdapter } from './transaction-adapter.interface.js';

/** The transaction that a handler may ask for: what it writes in it and its success are one. */
export class DeliveryTransaction {
  readonly #givenUp = new AbortController();
  #isCommitted = false;
  #effects: Effects = { dueCount: 0, followed: [] };

  constructor(
    private readonly adapter: TransactionAdapter,
    private readonly settler: Settler,
    private readonly taken: TakenDelivery,
  ) {}

  /** Whether the delivery is settled by it. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  get effects(): Effects {
    return this.#effects;
  }

  async run(work: (transaction: unknown) => Promise<unknown>): Promise<unknown> {
    const { signal } = this.#givenUp;
    const result = await this.adapter.run(async (transaction) => {
      this.#assertKept();
      const worked = await work(transaction);
      this.#assertKept();
      await this.#settle(transaction);
      this.#assertKept();
      return worked;
    }, signal);
    this.#isCommitted = true;
    return result;
  }

  /** The attempt has ended without it: it is not committed any more. */
  giveUp(): void {
    if (!this.#isCommitted) this.#givenUp.abort();
  }

  /** Where another has taken the delivery, its claim is a later one, and there is nothing to settle. */
  async #settle(transaction: unknown): Promise<void> {
    const { handler, event } = this.taken;
    const session = toSession(this.adapter, transaction);
    if (!(await isTransactionOpen(session))) throw new TransactionEndedError(handler, event.id);
    const attempt = { taken: this.taken, outcome: { status: 'succeeded' } } as const;
    const { settled, ...effects } = await this.settler.write(session, [attempt]);
    if (settled.length === 0) throw this.#lost();
    this.#effects = effects;
  }

  #assertKept(): void {
    if (this.#givenUp.signal.aborted) throw this.#lost();
  }

  #lost(): DeliveryLostError {
    return new DeliveryLostError(this.taken.handler, this.taken.event.id);
  }
}

/** A transaction of the application's library, for statements of ours. */
export function toSession(adapter: TransactionAdapter, transaction: unknown): SqlSession {
  return {
    query: async (text, values = []) => ({
      rows: (await adapter.query(transaction, text, values)) as SqlRow[],
    }),
  };
}
