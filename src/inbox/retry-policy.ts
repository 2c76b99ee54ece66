/** When a delivery that failed is run again, and how often. */
export interface RetryPolicy {
  /** How many attempts a delivery has before it is `dead`. */
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/**
 * How long after an attempt the next one is due. Each step is twice the last, and the delay lies at random
 * between a step and the next, so that what failed together does not come back together.
 *
 * @param attempt The attempt that failed, 1 for the first.
 * @param random From 0 up to 1, without 1.
 */
export function retryDelayMs(
  { minDelayMs, maxDelayMs }: RetryPolicy,
  attempt: number,
  random: number,
): number {
  const stepMs = Math.min(minDelayMs * 2 ** (attempt - 1), maxDelayMs / 2);
  const delayMs = stepMs * (1 + random);
  return Math.min(Math.max(delayMs, minDelayMs), maxDelayMs);
}
