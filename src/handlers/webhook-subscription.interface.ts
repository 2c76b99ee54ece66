import type { Ack } from '../inbox/ack.js';
import type { RetryPolicy } from '../inbox/retry-policy.js';
import type { Change, LaneOrder, OnDead } from '../inbox/webhook-engine.interface.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import type { WebhookContext } from './webhook-context.js';
import type { ReplySettings } from './webhook-reply.interface.js';

/** What one decorator on a method asks for. */
export interface WebhookSubscription {
  /** The sender whose endpoints it listens to; undefined for `OnWebhook`, which names endpoints. */
  readonly sender?: string;
  /** Only these endpoints, by name. */
  readonly endpoints?: readonly string[];
  /** `invoice.paid` is exact, `invoice.*` is a prefix, `*` is everything. */
  readonly types: readonly string[];
  /** The handler's id, instead of `Class.method`. */
  readonly id?: string;
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly ack?: Ack;
  readonly transaction?: boolean;
  /** Whether the sender's own options say for which accounts it is; see the sender. */
  readonly hasScope?: boolean;
  /** Whether it is about an event of its types at all. Of others the handler has no delivery. */
  readonly isAbout?: (event: WebhookEvent) => boolean;
  /** Why an event that is otherwise wanted is skipped, or undefined. */
  readonly skipReason?: (event: WebhookEvent) => string | undefined;
  /** The formats it takes, of a sender that announces one change in several. */
  readonly formats?: readonly string[];
  /** The change that an event announces; undefined where the event does not say. */
  readonly changeOf?: (event: WebhookEvent) => Change | undefined;
  /** Deliveries with the same lane never run at the same time. */
  readonly laneOf?: (event: WebhookEvent) => string | undefined;
  /** How the deliveries of a lane follow each other. */
  readonly order?: LaneOrder;
  readonly onDead?: OnDead;
  /** How long a delivery waits for others of its lane, to be run once for all. Needs a lane. */
  readonly coalesceMs?: number;
  /** Set where what the method returns is the answer to the sender. */
  readonly reply?: ReplySettings;
  /** Gives what the method gets instead of the payload. Then no other decorator may be on the method. */
  readonly load?: (payload: unknown, context: WebhookContext) => Promise<unknown>;
}

/** What every handler decorator takes beside the types. `Payload` is the event that the handler gets. */
export interface WebhookHandlerOptions<Payload = unknown> {
  /** Only events that come by this endpoint, or by one of these. Default: every endpoint of the sender. */
  readonly endpoint?: string | readonly string[];
  /**
   * The handler's id, under which the inbox knows its deliveries. Give one before a class or a method
   * is renamed, and where a bundler changes class names.
   * @default `ClassName.methodName`
   */
  readonly id?: string;
  /**
   * How long one attempt may take, in milliseconds, before `context.signal` is aborted.
   * @default `timeoutMs` of `WebhookInboxModule`
   */
  readonly timeoutMs?: number;
  /**
   * How often it is attempted and when it is run again; what is left out is as for the others.
   * @default `retry` of `WebhookInboxModule`
   */
  readonly retry?: Partial<RetryPolicy>;
  /**
   * What the sender's answer waits for: `stored` or `handled`.
   * @default `ack` of `WebhookInboxModule`
   */
  readonly ack?: Ack;
  /**
   * Runs every attempt in a transaction of the database, `context.transaction`. What the handler writes in it
   * and its delivery's success are committed together or not at all. Needs an engine that can, such as
   * `postgresEngine`.
   * @default false
   */
  readonly transaction?: boolean;
  /**
   * Gives the lane of an event: deliveries of one source and lane never run at the same time, whatever
   * their handlers. Undefined for no lane. It must be quick, and give the same for the same event.
   * @default none
   */
  readonly lane?: (event: Payload) => string | undefined;
  /**
   * With a lane. `exclusive`: never two at once. `fifo`: besides, in the order in which the events were
   * stored, which retries keep: a delivery that has failed holds its lane until it is settled. Needs an
   * engine that can, such as `postgresEngine`.
   * @default `exclusive`
   */
  readonly order?: LaneOrder;
  /**
   * With `order: 'fifo'`, what a dead delivery does to those behind it. `block`: they wait until it has been
   * replayed with success, or `WebhookInboxAdmin.unblock` is called. `pass`: they run without it.
   * @default `block`
   */
  readonly onDead?: OnDead;
}
