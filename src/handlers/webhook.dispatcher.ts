import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { AttemptsExhaustedError } from '../errors/attempts-exhausted.error.js';
import { HandlerAbortedError } from '../errors/handler-aborted.error.js';
import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';
import { NonRetriableError } from '../errors/non-retriable.error.js';
import { RetryAfterError } from '../errors/retry-after.error.js';
import { SkipDelivery } from '../errors/skip-delivery.error.js';
import type { Clock } from '../inbox/clock.js';
import { attemptEnded, attemptStarted, deliveryDead } from '../inbox/diagnostics.js';
import { InboxLifecycle } from '../inbox/inbox-lifecycle.js';
import { retryDelayMs } from '../inbox/retry-policy.js';
import type { RetryPolicy } from '../inbox/retry-policy.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_SETTINGS } from '../inbox/tokens.js';
import type { DueDelivery, Outcome, WantedDelivery } from '../inbox/webhook-engine.interface.js';
import { abandonAfter, resolveRetry } from '../inbox/webhook-inbox.options.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import { AttemptSignal } from './attempt-signal.js';
import { callAround } from './call-around.js';
import { runWithTimeout } from './run-with-timeout.js';
import { isReadable, stackFrames, toKeptError } from './to-kept-error.js';
import { WebhookHandlerRegistry } from './webhook-handler.registry.js';

/** Runs deliveries: one call of one handler each. */
@Injectable()
export class WebhookDispatcher {
  readonly #logger = new Logger('WebhookInbox');
  readonly #running = new Set<AttemptSignal>();
  readonly #reported = new Set<string>();

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    private readonly lifecycle: InboxLifecycle,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** Runs one attempt and says what it came to. Never rejects. */
  async run(delivery: DueDelivery): Promise<Outcome> {
    const { event, handler, attempt } = delivery;
    if (!this.handlers.get(handler)) return this.#missing(handler);
    const facts = { source: event.source, eventId: event.id, type: event.type, handler, attempt };
    const startedAtMs = this.clock.now();
    attemptStarted.publish(facts);

    let outcome: Outcome = { status: 'succeeded' };
    let error: unknown;
    const signal = new AttemptSignal(handler);
    this.#running.add(signal);
    try {
      this.#assertAttemptLeft(handler, attempt);
      await this.#call(delivery, signal);
    } catch (thrown) {
      error = thrown;
      outcome = this.#failureOf(thrown, handler, attempt);
    }
    this.#running.delete(signal);

    const durationMs = this.clock.now() - startedAtMs;
    attemptEnded.publish({ ...facts, status: outcome.status, durationMs });
    if (outcome.status === 'failed' || outcome.status === 'dead') {
      this.#logFailure(delivery, outcome.status, error);
    }
    if (outcome.status === 'dead') {
      deliveryDead.publish(facts);
      this.#tellDead(delivery, outcome, error);
    }
    return outcome;
  }

  /** Aborts the signals of all that runs, and no longer times it. */
  abortAll(): void {
    for (const running of this.#running) running.giveUp(new HandlerAbortedError(running.handler));
  }

  /** How long the slowest of these deliveries may take, in milliseconds; the default where there is none. */
  longestTimeoutMs(deliveries: readonly WantedDelivery[]): number {
    const { timeoutMs } = this.settings;
    if (deliveries.length === 0) return timeoutMs;
    return Math.max(
      ...deliveries.map(
        ({ handler, coalesceMs = 0 }) =>
          coalesceMs + (this.handlers.get(handler)?.timeoutMs ?? timeoutMs),
      ),
    );
  }

  /** Not async, nor is what it calls: each promise on the way costs as much as a small handler. */
  #call(
    { event, handler: id, attempt, replays }: DueDelivery,
    signal: AttemptSignal,
  ): Promise<unknown> {
    const handler = this.handlers.get(id)!;
    const { timeoutMs = this.settings.timeoutMs } = handler;
    const { around } = this.settings;
    const endpoint = this.endpoints.get(event.endpoint);
    const parsed = event.payload ?? endpoint.parse(event, event).payload;
    const getSignal = (): AbortSignal => signal.signal;
    const fields = { event, handler: id, attempt, replays, getSignal };
    const [payload, context] = endpoint.handlerArguments(fields, parsed);

    const invoke = (instance: object, argument = payload): unknown =>
      (instance as Record<string, Function>)[handler.method]!(argument, context);
    const call = (): unknown => {
      const instance = handler.instanceFor(event, attempt);
      if (handler.load) return invokeLoaded(handler.load(payload, context), instance, invoke);
      return instance instanceof Promise
        ? instance.then((built) => invoke(built))
        : invoke(instance);
    };

    const run = around ? () => callAround(around, context, call) : call;
    return runWithTimeout(run, this.clock, {
      timeoutMs,
      abandonAfterMs: abandonAfter(this.settings, timeoutMs),
      onTimeout: () => signal.abort(new HandlerTimeoutError(id, timeoutMs)),
      onStart: (stopTiming) => signal.onGiveUp(stopTiming),
      createTimeoutError: () => new HandlerTimeoutError(id, timeoutMs),
    });
  }

  /** Another process may have it, such as the new version during a deploy. */
  #missing(handler: string): Outcome {
    if (!this.#reported.has(handler)) {
      this.#reported.add(handler);
      this.#logger.warn(
        `This process has no handler ${handler}; its deliveries wait for one that has. If it was renamed, ` +
          'give the new one its id.',
      );
    }
    return { status: 'unknown-handler' };
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

  #failureOf(thrown: unknown, handler: string, attempt: number): Outcome {
    const kept = toKeptError(thrown);
    const error = isReadable(thrown) ? thrown : undefined;
    if (error instanceof SkipDelivery) return { status: 'skipped', reason: error.reason };
    const policy = this.#retryOf(handler);
    if (error instanceof NonRetriableError || attempt >= policy.attempts) {
      return { status: 'dead', error: kept };
    }
    if (error instanceof RetryAfterError) {
      const retryAt = error.retryAt ?? new Date(this.clock.now() + (error.delayMs ?? 0));
      return { status: 'failed', error: kept, retryAt, isHeld: true };
    }
    const delayMs = retryDelayMs(policy, attempt, Math.random());
    return { status: 'failed', error: kept, retryAt: new Date(this.clock.now() + delayMs) };
  }

  #logFailure({ event, handler, attempt }: DueDelivery, status: string, error: unknown): void {
    const { name, message } = toKeptError(error);
    this.#log(
      `${handler} ${status === 'dead' ? 'gave up on' : 'failed'} ${event.type} ${event.id}, attempt ${attempt}: ` +
        `${name}: ${message}`,
      stackFrames(error),
    );
  }

  /** Not waited for, because a pager that hangs must hold nothing up; but a shutdown waits for it. */
  #tellDead(
    { event, handler, attempt }: DueDelivery,
    outcome: Outcome & { status: 'dead' },
    thrown: unknown,
  ): void {
    const { onDead } = this.settings;
    if (!onDead) return;
    const { source, id, type, endpoint } = event;
    const { error } = outcome;
    const tell = async (): Promise<void> => {
      try {
        await onDead({ source, id, type, endpoint, handler, attempts: attempt, error }, thrown);
      } catch (hookError) {
        const { name, message } = toKeptError(hookError);
        this.#log(`onDead failed for ${handler} and ${id}: ${name}: ${message}`);
      } finally {
        this.lifecycle.leave();
      }
    };
    this.lifecycle.enter();
    // By then the engine has settled the delivery.
    setImmediate(() => void tell());
  }

  /** A logger that throws must not change what became of a delivery. */
  #log(message: string, stack?: string): void {
    try {
      this.#logger.error(message, stack);
    } catch {
      // There is nowhere left to say it.
    }
  }
}

async function invokeLoaded(
  loading: Promise<unknown>,
  instance: object | Promise<object>,
  invoke: (instance: object, argument: unknown) => unknown,
): Promise<unknown> {
  const [loaded, built] = await Promise.all([loading, instance]);
  return invoke(built, loaded);
}
