/** Base of every error this package throws. `code` is stable: match on it, never on the message. */
export abstract class WebhooksError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
