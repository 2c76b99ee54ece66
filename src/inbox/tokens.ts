/** Token of the engine; override it in tests to store events elsewhere. */
export const WEBHOOK_INBOX_ENGINE = Symbol.for('nestjs-webhook-inbox:engine');

/** Token of the clock; override it in tests with `manualClock()`. */
export const WEBHOOK_INBOX_CLOCK = Symbol.for('nestjs-webhook-inbox:clock');

/** Token of the options given to `WebhookInboxModule`. */
export const WEBHOOK_INBOX_OPTIONS = Symbol.for('nestjs-webhook-inbox:options');

/** Token of the options after defaults and checks. */
export const WEBHOOK_INBOX_SETTINGS = Symbol.for('nestjs-webhook-inbox:settings');

/**
 * Token of the command line's run, where the application was started for one: then it does nothing by itself,
 * and runs handlers only if the command needs it.
 */
export const WEBHOOK_INBOX_COMMAND = Symbol.for('nestjs-webhook-inbox:command');

export interface WebhookInboxCommand {
  readonly runsHandlers: boolean;
}

/** Token of what may be known of an endpoint: its name, paths, source and secret labels. */
export function webhookEndpointToken(name: string): string {
  return `nestjs-webhook-inbox:endpoint:${name}`;
}
