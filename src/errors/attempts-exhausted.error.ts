import { WebhooksError } from './webhooks.error.js';

/**
 * A delivery has had all its attempts, and the last one did not come to an end: its process was killed,
 * perhaps by the handler itself. The delivery is `dead`, and `onDead` is called with this error.
 */
export class AttemptsExhaustedError extends WebhooksError {
  readonly code = 'attempts_exhausted';

  constructor(
    readonly handler: string,
    readonly attempts: number,
  ) {
    super(
      `${handler} was started ${attempts} times, and the process ended while it ran the last time.`,
    );
  }
}
