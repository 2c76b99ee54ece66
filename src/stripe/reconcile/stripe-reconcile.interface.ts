import type { MissedEvent } from './missed-events.js';
import type { RefusedAccount } from './refused-account.js';

export interface StripeReconcileOptions {
  /**
   * From when on. Stripe has events for 30 days.
   * @default where the last run ended, less an hour; at first, when the inbox was made
   */
  readonly since?: Date;
  /**
   * The connected accounts, such as `acct_…`.
   * @default all that Stripe lists for the client's account, where handlers listen to connected accounts
   */
  readonly accounts?: readonly string[];
  /**
   * Only the accounts, modes and formats that the handlers of this endpoint listen to. What is found there
   * goes through all endpoints that it is for.
   * @default all Stripe endpoints
   */
  readonly endpoint?: string;
  /**
   * The mode.
   * @default what the client's key or the endpoint's `livemode` says
   */
  readonly livemode?: boolean;
  /**
   * Says what was missed, runs nothing and remembers nothing.
   * @default false
   */
  readonly dryRun?: boolean;
  /** Called after each page that was read. */
  readonly onProgress?: (progress: { readonly checked: number; readonly missed: number }) => void;
}

export interface StripeReconcileReport {
  /**
   * `incomplete` where Stripe has refused connected accounts; `busy` where another run is under way, in this
   * process or another; `stopped` where the application shut down meanwhile, or another run took over: the
   * next one goes on there.
   */
  readonly status: 'complete' | 'incomplete' | 'stopped' | 'busy';
  /** How many events of Stripe were compared with the inbox. */
  readonly checked: number;
  /** What Stripe has and the inbox had not; by now it has, but after a dry run. */
  readonly missed: readonly MissedEvent[];
  /** The connected accounts that Stripe lists no events of for this key. The others were compared. */
  readonly refused: readonly RefusedAccount[];
}
