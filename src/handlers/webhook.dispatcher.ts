import { Inject, Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { AttemptsExhaustedError } from '../errors/attempts-exhausted.error.js';
import { HandlerAbortedError } from '../errors/handler-aborted.error.js';
import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';
import type { Clock } from '../inbox/clock.js';
import { attemptEnded, attemptStarted } from '../inbox/diagnostics.js';
import type { RetryPolicy } from '../inbox/retry-policy.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_SETTINGS } from '../inbox/tokens.js';
import type {
  DueDelivery,
  Outcome,
  SettledDelivery,
  WantedDelivery,
} from '../inbox/webhook-engine.interface.js';
import { abandonAfter, resolveRetry } from '../inbox/webhook-inbox.options.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import { AttemptSignal } from './attempt-signal.js';
import { createCall } from './create-call.js';
import { DeliveryFailures } from './delivery-failures.js';
import type { Death } from './delivery-failures.js';
import { runUntilDeadline } from './run-until-deadline.js';
import type { Deadline } from './run-until-deadline.js';
import { runWithTimeout } from './run-with-timeout.js';
import { toFailure, toFinalFailure } from './to-failure.js';
import { toReplyJson } from './to-reply-json.js';
import type { WebhookHandler } from './webhook-handler.interface.js';
import { WebhookHandlerRegistry } from './webhook-handler.registry.js';
import { REPLY_CANNOT_BE_SENT } from './webhook-reply.interface.js';

/** How an attempt is timed, and what becomes of what it throws. */
interface AttemptRules {
  readonly time: (
    call: () => unknown,
    handler: WebhookHandler,
    signal: AttemptSignal,
    attempt: number,
  ) => Promise<unknown>;
  readonly failureOf: (thrown: unknown, delivery: DueDelivery) => Outcome;
  readonly tellDead: (delivery: DueDelivery, outcome: Death, thrown: unknown) => void;
}

/** What an attempt to reply came to. */
export interface ReplyAttempt {
  readonly outcome: SettledDelivery['outcome'];
  /** The JSON of the handler's reply; undefined where it gave none. */
  readonly reply: string | undefined;
  /** Calls `onDead` for a dead one; to be called when it has been stored. */
  readonly tellDead: () => void;
}

/** Runs deliveries: one call of one handler each. */
@Injectable()
export class WebhookDispatcher {
  readonly #running = new Set<AttemptSignal>();
  readonly #retriable: AttemptRules = {
    time: (call, { id, timeoutMs = this.settings.timeoutMs }, signal, attempt) => {
      this.#assertAttemptLeft(id, attempt);
      return runWithTimeout(call, this.clock, {
        timeoutMs,
        abandonAfterMs: abandonAfter(this.settings, timeoutMs),
        onTimeout: () => signal.abort(new HandlerTimeoutError(id, timeoutMs)),
        onStart: (stopTiming) => signal.onGiveUp(stopTiming),
        createTimeoutError: () => new HandlerTimeoutError(id, timeoutMs),
      });
    },
    failureOf: (thrown, { handler, attempt }) =>
      toFailure(thrown, attempt, this.#retryOf(handler), this.clock.now()),
    tellDead: (...death) => this.failures.tellDead(...death),
  };

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    private readonly failures: DeliveryFailures,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** Runs one attempt and says what it came to. Never rejects. */
  run(delivery: DueDelivery): Promise<Outcome> {
    const handler = this.handlers.get(delivery.handler);
    if (!handler) {
      this.failures.addMissing(delivery.handler);
      return Promise.resolve({ status: 'unknown-handler' });
    }
    // It had a delivery of its own before it became a reply handler, or somebody replays it.
    if (handler.isReply) {
      return Promise.resolve({ status: 'skipped', reason: REPLY_CANNOT_BE_SENT });
    }
    return this.#attempt(delivery, this.#retriable);
  }

  /** Runs a reply handler's only attempt, until its deadline. Never rejects. */
  async reply(delivery: DueDelivery, deadline: Deadline): Promise<ReplyAttempt> {
    let reply: string | undefined;
    let tellDead = (): void => {};
    const outcome = await this.#attempt(delivery, {
      time: async (call, _handler, signal) => {
        const result = await runUntilDeadline(call, this.clock, deadline, {
          onStart: (giveUp) => signal.onGiveUp(giveUp),
          onGiveUp: (reason) => signal.abort(reason),
        });
        reply = toReplyJson(result);
      },
      failureOf: toFinalFailure,
      tellDead: (...death) => (tellDead = () => this.failures.tellDead(...death)),
    });
    return { outcome: outcome as ReplyAttempt['outcome'], reply, tellDead };
  }

  /** How many attempts run. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Aborts the signals of all that runs, and no longer times it. */
  abortAll(): void {
    for (const running of this.#running) running.giveUp(new HandlerAbortedError(running.handler));
  }

  /** How long the slowest of these deliveries may take, in milliseconds; the default where none runs. */
  longestTimeoutMs(deliveries: readonly WantedDelivery[]): number {
    const { timeoutMs } = this.settings;
    let longestMs: number | undefined;
    for (const { handler, skipReason, coalesceMs = 0 } of deliveries) {
      if (skipReason !== undefined) continue;
      const ownMs = coalesceMs + (this.handlers.get(handler)?.timeoutMs ?? timeoutMs);
      longestMs = Math.max(longestMs ?? 0, ownMs);
    }
    return longestMs ?? timeoutMs;
  }

  async #attempt(delivery: DueDelivery, rules: AttemptRules): Promise<Outcome> {
    const { handler } = delivery;
    const startedAtMs = this.clock.now();
    if (attemptStarted.hasSubscribers) attemptStarted.publish(factsOf(delivery));

    let outcome: Outcome = { status: 'succeeded' };
    let error: unknown;
    const signal = new AttemptSignal(handler);
    this.#running.add(signal);
    try {
      await this.#call(delivery, signal, rules.time);
    } catch (thrown) {
      error = thrown;
      outcome = rules.failureOf(thrown, delivery);
    }
    this.#running.delete(signal);

    if (attemptEnded.hasSubscribers) {
      const durationMs = this.clock.now() - startedAtMs;
      attemptEnded.publish({ ...factsOf(delivery), status: outcome.status, durationMs });
    }
    if (outcome.status === 'failed' || outcome.status === 'dead') {
      this.failures.add(delivery, outcome, error);
    }
    if (outcome.status === 'dead') rules.tellDead(delivery, outcome, error);
    return outcome;
  }

  /** Not async, for the reason of `createCall`. */
  #call(
    delivery: DueDelivery,
    signal: AttemptSignal,
    time: AttemptRules['time'],
  ): Promise<unknown> {
    const handler = this.handlers.get(delivery.handler)!;
    const endpoint = this.endpoints.get(delivery.event.endpoint);
    const call = createCall(delivery, handler, endpoint, signal, this.settings.around);
    return time(call, handler, signal, delivery.attempt);
  }

  /** An attempt whose process was killed came to nothing, but it counts. */
  #assertAttemptLeft(handler: string, attempt: number): void {
    if (attempt > this.#retryOf(handler).attempts) {
      throw new AttemptsExhaustedError(handler, attempt - 1);
    }
  }

  #retryOf(handler: string): RetryPolicy {
    return resolveRetry(this.handlers.get(handler)?.retry, this.settings.retry);
  }
}

/** What the channels say of an attempt. */
function factsOf({ event, handler, attempt }: DueDelivery) {
  return { source: event.source, eventId: event.id, type: event.type, handler, attempt };
}
