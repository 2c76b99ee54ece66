import type { WebhookContext, WebhookContextFields } from '../handlers/webhook-context.js';
import type { WebhookSubscription } from '../handlers/webhook-subscription.interface.js';
import type { RawRequest } from '../raw-body/raw-request.interface.js';

/** A verified body, parsed. */
export interface ParsedEvent {
  readonly id: string;
  readonly type: string;
  /** The sender's account that it is about, where the sender has such. */
  readonly account?: string | undefined;
  /** Whether it is of live mode, where the sender has modes. */
  readonly livemode?: boolean | undefined;
  readonly payload: unknown;
}

/** What is known of an event before its body is parsed: it was stored, or given to `receive`. */
export type KnownOfEvent = Partial<Pick<ParsedEvent, 'id' | 'type'>>;

/** How the testing kit signs. */
export interface SigningOptions {
  readonly timestampSeconds: number;
  /** The secret's label. Default: the first secret. */
  readonly secretLabel?: string;
  /** The event's id, for a sender whose bodies have none. Default: a new one. */
  readonly id?: string;
  /** For Standard Webhooks: whether the headers are called `svix-…`. Default: as the sender does. */
  readonly svix?: boolean;
}

/** A configured route and how its sender signs and writes events. Each sender implements it. */
export interface WebhookEndpoint {
  readonly name: string;
  /** The sender's name, which its decorators refer to. */
  readonly sender: string;
  readonly source: string;
  readonly maxBodyBytes: number;
  readonly secretLabels: readonly string[];

  /**
   * Gives the label of the secret that signed the request.
   * @throws SignatureError
   */
  verify(request: RawRequest, nowSeconds: number): string;

  /**
   * @param known Wins over what the headers say, for a sender whose bodies have no id or no type.
   * @throws MalformedEventError
   */
  parse(request: RawRequest, known?: KnownOfEvent): ParsedEvent;

  /**
   * The bytes of an event that was authenticated elsewhere: an object, a string, or a cloud's envelope
   * around one.
   * @throws MalformedEventError
   */
  unwrap(event: unknown): Buffer;

  /** Why this endpoint does not want the event, or undefined. */
  skipReason(payload: unknown): string | undefined;

  /** What is wrong with a handler that listens to this sender, given all its endpoints, or undefined. */
  objectionTo(
    subscription: WebhookSubscription,
    endpoints: readonly WebhookEndpoint[],
  ): string | undefined;

  /** What a handler is called with, made of the parsed body. */
  handlerArguments(
    fields: WebhookContextFields,
    payload: unknown,
  ): [payload: unknown, context: WebhookContext];

  /** The headers of an answer that a reply handler gave. */
  replyHeaders(payload: unknown): Readonly<Record<string, string>>;

  /** The headers of a request that carries this body. For the testing kit. */
  sign(rawBody: Buffer, options: SigningOptions): Record<string, string>;
}

/** What the token of an endpoint (`webhookEndpointToken(name)`) gives: what may be known of it. */
export interface WebhookEndpointInfo {
  readonly name: string;
  readonly source: string;
  /** As configured, without a global prefix; empty with `path: false`. */
  readonly paths: readonly string[];
  readonly secretLabels: readonly string[];
}
