import { WebhooksError } from './webhooks.error.js';

/** Half of what a date holds, so that it may be counted from now. */
const MAX_DELAY_MS = 8.64e15 / 2;

/**
 * Thrown by a handler that knows when its next attempt can succeed, such as after a 429 of an API it
 * called. The delivery is `failed` and not run again before that time.
 *
 * @example
 * throw new RetryAfterError(60_000, 'The ERP takes one request a minute');
 */
export class RetryAfterError extends WebhooksError {
  readonly code = 'retry_after';
  readonly retryAt: Date | undefined;
  readonly delayMs: number | undefined;

  /**
   * @param after Milliseconds from now, or the moment itself.
   * @throws RangeError for what is neither.
   */
  constructor(
    after: number | Date,
    message = 'The handler asked to be run later.',
    options?: ErrorOptions,
  ) {
    super(message, options);
    const isMoment = after instanceof Date || typeof after === 'number';
    if (!isMoment || !(Math.abs(Number(after)) <= MAX_DELAY_MS)) {
      throw new RangeError('RetryAfterError takes a number of milliseconds, or a valid date.');
    }
    this.retryAt = after instanceof Date ? after : undefined;
    this.delayMs = after instanceof Date ? undefined : after;
  }
}
