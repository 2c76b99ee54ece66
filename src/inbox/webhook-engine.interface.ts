import type { Clock } from './clock.js';
import type { DeliveryStatus, KeptError, StoredEvent } from './delivery.interface.js';
import type { EventPage, EventQuery } from './event-query.interface.js';
import type { EventKey, WebhookEvent } from './webhook-event.interface.js';

/**
 * An engine stores events and their deliveries, and hands deliveries out to be run.
 *
 * The identity of an event is its source and id; of a delivery, that and its handler. A delivery runs
 * at least once, never twice at the same time while its worker lives, and never again after success.
 */
export interface WebhookEngine {
  readonly capabilities: EngineCapabilities;

  /** Makes the engine ready. A second call changes nothing. */
  start(environment: EngineEnvironment): Promise<void>;

  /**
   * Stores each event with its deliveries, all of it or nothing; it is kept as `capabilities.survives`
   * says when this resolves, and one result stands for each arrival, in order. If the process dies
   * before, the event is stored whole or not at all.
   *
   * A repeated event changes nothing, except that a failed delivery becomes due now unless a
   * `RetryAfterError` has set its time; that handlers which had none get their delivery; and that a
   * delivery which a filter skipped becomes pending, or settled, when this arrival does not skip it. Any
   * number of calls with the same event may run at once: one of them is `accepted`, the others are
   * `repeated`.
   *
   * With `transaction`, which only transactional engines are given, all of it becomes a part of that
   * transaction: it is kept, seen by others and handed out when the caller commits, and gone when he rolls
   * back. It then rejects with the database's own error, and the caller has to roll back.
   *
   * @throws InboxUnavailableError where the event cannot be stored now, and after `stop`.
   */
  accept(arrivals: readonly Arrival[], transaction?: unknown): Promise<readonly Acceptance[]>;

  /**
   * Starts handing out deliveries that are due, never more than `concurrency` at a time in this process.
   * `run` never rejects. If the process dies while one runs, that attempt counts and the delivery is
   * handed out again by engines that survive it. A second call is an error.
   */
  consume(run: RunDelivery, options: ConsumeOptions): Promise<void>;

  /**
   * Resolves with the event when none of its deliveries is pending or running; at once if that is so
   * already, and with undefined for an event that is not stored.
   */
  attempted(key: EventKey): Promise<StoredEvent | undefined>;

  /** The event as it stands now, or as the transaction sees it; or undefined. */
  find(key: EventKey, transaction?: unknown): Promise<StoredEvent | undefined>;

  /**
   * A page of the events that a query asks for, the last stored first. `cursor` of a page leads to the
   * next one: what is stored meanwhile shifts nothing.
   */
  list(query: EventQuery): Promise<EventPage>;

  stats(): Promise<EngineStats>;

  /** The event as it was received first; undefined where it is not stored, or its body is not kept. */
  load(key: EventKey): Promise<WebhookEvent | undefined>;

  /**
   * Makes deliveries due now, whatever became of them, with their attempts counted anew and one replay
   * more. One that was never there is made, on the body by which the event came first; one that a filter
   * skipped runs in the lane and for the change that are given now. Those that are pending or running stay, and so do those
   * whose body is not kept. A delivery claims its change again: where another format has it meanwhile, the
   * delivery is skipped as when it is stored, so that nothing is done twice. Only one that was turned away
   * for its change runs all the same. All of it happens or nothing, if the process dies.
   */
  replay(replays: readonly Replay[]): Promise<ReplayResult>;

  /** Makes a failed delivery due now. False for one that is not failed, or not stored, or without a body. */
  retryNow(key: EventKey, handler: string): Promise<boolean>;

  /**
   * Lets those run that wait in their lane behind a dead delivery; it stays dead. False for one for which
   * no lane waits. Of any number of calls at once, one is true.
   */
  unblock(key: EventKey, handler: string): Promise<boolean>;

  /** Hands out no delivery of the handler until it is resumed; storing goes on. In all processes. */
  pause(handler: string): Promise<void>;

  resume(handler: string): Promise<void>;

  /**
   * Forgets what was received before these times: bodies, and events with their deliveries. What has a
   * delivery that is not settled, or for which a lane waits, stays whole. If the process dies, a part of it is forgotten. Where
   * processes share the engine, one of them prunes at a time; another one's call forgets nothing. After
   * `stop` is called, it ends early.
   */
  prune(before: PruneTimes): Promise<PruneReport>;

  /** What was remembered last under a key, or undefined. */
  recall(key: string): Promise<string | undefined>;

  /**
   * Keeps a text under a key, in place of what was there; as well kept as events are when it resolves.
   * Under `created`, which is not to be written, stands when this store was made, in ISO 8601.
   */
  remember(key: string, value: string): Promise<void>;

  /**
   * Takes a name for an owner, or keeps it, for so many milliseconds: true where no other owner has it now.
   * Of any number of calls at once for a free name by different owners, one gets it. What an owner does not
   * give back, because its process died, is free when the time is over.
   */
  claim(name: string, owner: string, leaseMs: number): Promise<boolean>;

  /** Gives a name back. Nothing happens where another owner has it. */
  release(name: string, owner: string): Promise<void>;

  /** Hands out nothing further and resolves when nothing runs. A second call gives the same promise. */
  stop(): Promise<void>;

  /**
   * Stops at once, and waits for nothing that may never come: a handler that runs on, a database that is
   * away. No loop, timer, listener or connection of the engine is left when this resolves. Deliveries whose
   * outcome is not kept by then are handed out again by engines that survive it, as if the process had died.
   * It gives the promise of `stop`, which need not have been called before; so does a second call.
   */
  abandon(): Promise<void>;
}

export interface EngineCapabilities {
  /** What the stored survives: nothing is kept after exit, a killed process, or a power cut. */
  readonly survives: 'nothing' | 'crash' | 'power-cut';
  /** What of this contract the engine does not do yet. Handlers that need it refuse to start. */
  readonly lacks?: readonly EngineFeature[];
  /**
   * Whether a handler's writes and its delivery's success can be one transaction: every delivery that is
   * handed out has `transact`, and `accept` takes a transaction.
   * @default false
   */
  readonly transactional?: boolean;
}

/** `fifo` is a lane that keeps the order in which its deliveries were stored. */
export type EngineFeature = 'lanes' | 'fifo' | 'changes' | 'pausing';

export interface EngineEnvironment {
  readonly clock: Clock;
  /** Where the engine says what operators have to know. */
  readonly log?: EngineLog;
}

export interface EngineLog {
  readonly info: (message: string) => void;
  readonly error: (message: string, error?: unknown) => void;
}

/** An event that came in, with the deliveries that its handlers want. */
export interface Arrival {
  readonly event: WebhookEvent;
  readonly deliveries: readonly WantedDelivery[];
}

export interface WantedDelivery {
  readonly handler: string;
  /** Set where a filter turned the event away: the delivery is stored as `skipped`. */
  readonly skipReason?: string;
  /** Set where it was run before it is stored: it is kept as it ended and never handed out. */
  readonly settled?: SettledDelivery;
  /**
   * The change that the event announces, where the sender announces it in several formats and the handler
   * takes more than one. While a delivery of the same source, handler and change in another format is
   * stored that no filter turned away, this one is stored as `skipped`; it becomes pending when that one
   * is `dead`. Of two that arrive at once, one runs.
   */
  readonly change?: Change;
  /** Deliveries of one source and lane never run at the same time. */
  readonly lane?: string;
  /**
   * With a lane, and without `coalesceMs`. Those of a lane that are `fifo` run in the order in which their
   * events were stored, whatever process stores and runs them: that of `list`, backwards. From the moment
   * its turn has come, such a delivery holds the lane until it is settled: also while it waits for its
   * retry, while its handler is paused or is not there, and after a crash. One that is added or is due anew
   * later waits in the place of its event. Those that are `exclusive` wait for their turn as well, but
   * nobody waits for their retry.
   * @default 'exclusive'
   */
  readonly order?: LaneOrder;
  /**
   * With `fifo`. `block`: while it is dead, nothing else of its lane runs, until a replay of it has succeeded
   * or was skipped, or `unblock` is called; unless another format has its change by its death. `pass`: the
   * next one runs.
   * @default 'block'
   */
  readonly onDead?: OnDead;
  /**
   * With a lane: the delivery is due this many milliseconds after it was stored. A run of it stands for
   * all deliveries of this handler and lane that are pending when it begins: they are settled as it is
   * when it succeeds or is skipped, and stay pending otherwise.
   */
  readonly coalesceMs?: number;
}

/** How the deliveries of a lane follow each other. */
export type LaneOrder = 'exclusive' | 'fifo';

/** What a dead delivery does to those behind it in its lane. */
export type OnDead = 'block' | 'pass';

/** A delivery of a reply handler, which is stored after the sender has its reply. */
export interface SettledDelivery {
  readonly outcome: Exclude<Outcome, { readonly status: 'failed' | 'unknown-handler' }>;
  /** 0 where its time was over before it could run. */
  readonly attempts: number;
  /** The JSON of the object that the sender was answered; `find` gives the object. */
  readonly reply: string;
}

/** A change as one of its formats announces it. */
export interface Change {
  /** The same in all formats, such as the id of the snapshot event. */
  readonly id: string;
  readonly format: string;
}

export interface Acceptance {
  readonly status: 'accepted' | 'repeated';
}

export interface ConsumeOptions {
  readonly concurrency: number;
}

/** A delivery that is due, handed to a worker. `attempt` is 1 for the first run, and after a replay. */
export interface DueDelivery {
  readonly event: WebhookEvent;
  readonly handler: string;
  readonly attempt: number;
  /** How often it was replayed. */
  readonly replays: number;
  /** On transactional engines. Called once at most, within `run`. */
  readonly transact?: Transact;
}

/**
 * Runs work in a transaction in which the delivery is settled as succeeded: both are committed when it
 * resolves, with what the work resolved with. When the work rejects, both are rolled back and it rejects
 * with the same; so it does when the delivery was taken over meanwhile, when `run` has ended before, and
 * when the database does not commit. It always resolves or rejects after the work has.
 */
export type Transact = (work: (transaction: unknown) => Promise<unknown>) => Promise<unknown>;

/** Deliveries of one event that are to run anew. */
export interface Replay {
  readonly event: EventKey;
  readonly deliveries: readonly WantedDelivery[];
}

export interface ReplayResult {
  /** How many are due. */
  readonly due: number;
  /** How many were skipped, because another format has their change. */
  readonly skipped: number;
}

/** What an engine says of all that it keeps. */
export interface EngineStats {
  /**
   * By status. Those that are `pending`, `running`, `failed` and `dead` are counted; where there are many,
   * `succeeded` and `skipped` may be estimated, to within some per cent.
   */
  readonly deliveries: Readonly<Record<DeliveryStatus, number>>;
  /** When the oldest event was received that has a delivery which is not settled. */
  readonly oldestUnfinishedAt: Date | undefined;
  /** Of the last sixty seconds. */
  readonly lastMinute: { readonly receivedEvents: number; readonly settledDeliveries: number };
  /** The handlers that are paused. */
  readonly paused: readonly string[];
  /** How many lanes wait for a dead delivery of theirs. */
  readonly blockedLanes: number;
}

export interface PruneTimes {
  readonly bodies: Date;
  readonly events: Date;
}

/** How much was forgotten: bodies, and events with their deliveries. */
export interface PruneReport {
  readonly bodies: number;
  readonly events: number;
}

export type RunDelivery = (delivery: DueDelivery) => Promise<Outcome>;

/** What an attempt came to. */
export type Outcome =
  | { readonly status: 'succeeded' }
  | { readonly status: 'skipped'; readonly reason: string }
  | FailedOutcome
  | { readonly status: 'dead'; readonly error: KeptError }
  /** This process has no such handler: the delivery is pending again and nothing was counted. */
  | { readonly status: 'unknown-handler' };

export interface FailedOutcome {
  readonly status: 'failed';
  readonly error: KeptError;
  /** When engines that retry by themselves run it again. */
  readonly retryAt?: Date;
  /** The handler has set `retryAt` itself: on no engine does a repeated event bring it forward. */
  readonly isHeld?: boolean;
}
