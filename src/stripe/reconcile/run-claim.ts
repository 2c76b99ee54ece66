import { randomUUID } from 'node:crypto';
import type { Clock } from '../../inbox/clock.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';

const NAME = 'stripe-reconciler';
/** For how long a run may say nothing before another takes its place. */
export const LEASE_MS = 5 * 60_000;
/** Twice within the lease, should one of them fail. */
const RENEW_EVERY_MS = 2 * 60_000;

/**
 * The right to be the one run in all processes. It is kept also while the run waits for Stripe or for
 * handlers, and is gone when this process was frozen or cut off for longer than the lease.
 */
export class RunClaim {
  readonly #lost = new AbortController();
  #cancelTimer: () => void = () => {};
  #renewing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly engine: WebhookEngine,
    private readonly clock: Clock,
    private readonly owner: string,
  ) {}

  /** Undefined where another run has it. */
  static async take(engine: WebhookEngine, clock: Clock): Promise<RunClaim | undefined> {
    const owner = randomUUID();
    if (!(await engine.claim(NAME, owner, LEASE_MS))) return undefined;
    const claim = new RunClaim(engine, clock, owner);
    claim.#renewLater();
    return claim;
  }

  /** Aborted when another run has taken over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Says that this run lives. */
  async renew(): Promise<void> {
    const isOurs = await this.engine.claim(NAME, this.owner, LEASE_MS);
    if (!isOurs) this.#lost.abort();
  }

  async giveBack(): Promise<void> {
    this.#cancelTimer();
    this.#lost.abort();
    // Or it might take again what is given back.
    await this.#renewing;
    try {
      await this.engine.release(NAME, this.owner);
    } catch {
      // Then it runs out.
    }
  }

  #renewLater(): void {
    const renew = (): void => void (this.#renewing = this.#renewAgain());
    this.#cancelTimer = this.clock.setTimer(renew, RENEW_EVERY_MS);
  }

  async #renewAgain(): Promise<void> {
    try {
      await this.renew();
    } catch {
      // The next one may succeed; what the run itself asks of the engine fails as well.
    }
    if (!this.#lost.signal.aborted) this.#renewLater();
  }
}
