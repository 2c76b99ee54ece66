/** What a handler takes beside its types whose result is the body of the answer. */
export interface WebhookReplyOptions<Reply extends object> {
  /** What the method returns is sent as JSON. Nothing of it is retried. */
  readonly reply: true;
  /**
   * How long after the first byte of the request the answer has to be known, in milliseconds. Then
   * `context.signal` is aborted and the fallback is sent. Leave the network its part: Stripe waits 2
   * seconds.
   * @default 1_500
   */
  readonly deadlineMs?: number;
  /** The answer where the method throws, or gives none in time: a JSON object. */
  readonly fallback: Reply;
}

/** Options without a reply: those of `WebhookReplyOptions` say nothing there. */
export interface NoReplyOptions {
  readonly reply?: false;
  readonly deadlineMs?: never;
  readonly fallback?: never;
}

/** How a subscription replies; checked when the application starts. */
export interface ReplySettings {
  readonly deadlineMs: number;
  readonly fallback: unknown;
}

/** Why a reply handler does not run for an event that was not posted by its sender just now. */
export const REPLY_CANNOT_BE_SENT = 'a reply handler runs only where its reply can be sent';
