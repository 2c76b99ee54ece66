/** When `StripeReconciler` runs by itself. */
export interface StripeReconcileSchedule {
  /**
   * Whether it runs when the application starts. The start does not wait for it.
   * @default false
   */
  readonly onStart?: boolean;
  /**
   * How long after one run the next begins, in milliseconds.
   * @default never
   */
  readonly everyMs?: number;
}
