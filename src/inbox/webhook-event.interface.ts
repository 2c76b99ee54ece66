/**
 * How an event reached the inbox: by HTTP with a signature, through `WebhookInboxAdmin.receive`, or because
 * it never came and was fetched from its sender.
 */
export type ArrivedBy = 'http' | 'receive' | 'reconciled';

/** A verified request. Its id is the sender's and is unique per source. */
export interface WebhookEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** The name of the endpoint it came by. */
  readonly endpoint: string;
  readonly receivedAt: Date;
  readonly arrivedBy: ArrivedBy;
  /** The sender's account that it is about, such as a connected account of Stripe. */
  readonly account?: string | undefined;
  /** Whether it is of live mode, where the sender has modes. */
  readonly livemode?: boolean | undefined;
  /** The label of the secret that signed it; undefined when nothing was signed (`receive`). */
  readonly secretLabel: string | undefined;
  /** The kept headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  /** The parsed body. Left out where the event comes back from an engine: the raw body is parsed again. */
  readonly payload?: unknown;
}

/** What identifies an event. */
export interface EventKey {
  readonly source: string;
  readonly id: string;
}
