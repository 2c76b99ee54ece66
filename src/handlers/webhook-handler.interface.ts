import type { Ack } from '../inbox/ack.js';
import type { RetryPolicy } from '../inbox/retry-policy.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import type { WebhookSubscription } from './webhook-subscription.interface.js';

/** A decorated method that was found in the application. */
export interface WebhookHandler {
  readonly id: string;
  readonly subscriptions: readonly WebhookSubscription[];
  readonly timeoutMs: number | undefined;
  readonly retry: Partial<RetryPolicy> | undefined;
  readonly ack: Ack | undefined;
  /** Whether its attempts run in a transaction of the engine. */
  readonly isTransactional: boolean;
  /** Whether it takes a change in more than one of its sender's formats. */
  readonly takesSeveralFormats: boolean;
  /** Whether what the method returns is the answer to the sender. */
  readonly isReply: boolean;
  readonly load: WebhookSubscription['load'];
  readonly method: string;
  /** The instance to call it on: the injected one, or one built for this event where scopes ask for it. */
  readonly instanceFor: (event: WebhookEvent, attempt: number) => object | Promise<object>;
}
