import { Inject, Injectable, Logger } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../endpoints/webhook-endpoint.registry.js';
import { HandlerAbortedError } from '../errors/handler-aborted.error.js';
import { HandlerTimeoutError } from '../errors/handler-timeout.error.js';
import { NonRetriableError } from '../errors/non-retriable.error.js';
import { RetryAfterError } from '../errors/retry-after.error.js';
import { SkipDelivery } from '../errors/skip-delivery.error.js';
import type { Clock } from '../inbox/clock.js';
import { attemptEnded, attemptStarted, deliveryDead } from '../inbox/diagnostics.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_SETTINGS } from '../inbox/tokens.js';
import type { DueDelivery, Outcome } from '../inbox/webhook-engine.interface.js';
import type { WebhookInboxSettings } from '../inbox/webhook-inbox.options.js';
import { AttemptSignal } from './attempt-signal.js';
import { callAround } from './call-around.js';
import { runWithTimeout } from './run-with-timeout.js';
import { toKeptError } from './to-kept-error.js';
import { WebhookHandlerRegistry } from './webhook-handler.registry.js';

/** Runs deliveries: one call of one handler each. */
@Injectable()
export class WebhookDispatcher {
  readonly #logger = new Logger('WebhookInbox');
  readonly #running = new Set<AttemptSignal>();

  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /** Runs one attempt and says what it came to. Never rejects. */
  async run(delivery: DueDelivery): Promise<Outcome> {
    const { event, handler, attempt } = delivery;
    const facts = { source: event.source, eventId: event.id, type: event.type, handler, attempt };
    const startedAtMs = this.clock.now();
    attemptStarted.publish(facts);

    const { outcome, error } = await this.#attempt(delivery);

    const durationMs = this.clock.now() - startedAtMs;
    attemptEnded.publish({ ...facts, status: outcome.status, durationMs });
    if (outcome.status === 'failed' || outcome.status === 'dead') {
      this.#logFailure(delivery, outcome.status, error);
    }
    if (outcome.status === 'dead') {
      deliveryDead.publish(facts);
      await this.#tellDead(delivery, outcome, error);
    }
    return outcome;
  }

  /** Aborts the signals of all that runs. */
  abortAll(): void {
    for (const running of this.#running) running.abort(new HandlerAbortedError(running.handler));
  }

  /** How long the slowest of these handlers may take, in milliseconds. */
  longestTimeoutMs(handlers: readonly string[]): number {
    const own = handlers.map((id) => this.handlers.get(id)?.timeoutMs ?? 0);
    return Math.max(this.settings.timeoutMs, ...own);
  }

  async #attempt(delivery: DueDelivery): Promise<{ outcome: Outcome; error?: unknown }> {
    const signal = new AttemptSignal(delivery.handler);
    this.#running.add(signal);
    try {
      await this.#call(delivery, signal);
      return { outcome: { status: 'succeeded' } };
    } catch (error) {
      return { outcome: this.#outcomeOf(error, delivery.attempt), error };
    } finally {
      this.#running.delete(signal);
    }
  }

  /** Not async, nor is what it calls: each promise on the way costs as much as a small handler. */
  #call({ event, handler: id, attempt }: DueDelivery, signal: AttemptSignal): Promise<unknown> {
    const handler = this.handlers.get(id);
    if (!handler) throw new Error(`There is no handler ${id} in this process.`);
    const { timeoutMs = this.settings.timeoutMs } = handler;
    const { around, abandonAfterMs } = this.settings;
    const endpoint = this.endpoints.get(event.endpoint);
    const payload = event.payload ?? endpoint.parse(event, event).payload;
    const getSignal = (): AbortSignal => signal.signal;
    const context = endpoint.createContext({ event, handler: id, attempt, getSignal }, payload);

    const invoke = (instance: object): unknown =>
      (instance as Record<string, Function>)[handler.method]!(payload, context);
    const call = (): unknown => {
      const instance = handler.instanceFor(event, attempt);
      return instance instanceof Promise ? instance.then(invoke) : invoke(instance);
    };

    const run = around ? () => callAround(around, context, call) : call;
    return runWithTimeout(run, this.clock, {
      timeoutMs,
      abandonAfterMs: Math.max(abandonAfterMs, timeoutMs),
      onTimeout: () => signal.abort(new HandlerTimeoutError(id, timeoutMs)),
      createTimeoutError: () => new HandlerTimeoutError(id, timeoutMs),
    });
  }

  #outcomeOf(error: unknown, attempt: number): Outcome {
    if (error instanceof SkipDelivery) return { status: 'skipped', reason: error.reason };
    const kept = toKeptError(error);
    if (error instanceof NonRetriableError || attempt >= this.settings.attempts) {
      return { status: 'dead', error: kept };
    }
    if (error instanceof RetryAfterError) {
      const retryAt = error.retryAt ?? new Date(this.clock.now() + (error.delayMs ?? 0));
      return { status: 'failed', error: kept, retryAt };
    }
    return { status: 'failed', error: kept };
  }

  #logFailure({ event, handler, attempt }: DueDelivery, status: string, error: unknown): void {
    const { name, message } = toKeptError(error);
    this.#logger.error(
      `${handler} ${status === 'dead' ? 'gave up on' : 'failed'} ${event.type} ${event.id}, attempt ${attempt}: ` +
        `${name}: ${message}`,
      error instanceof Error ? stackFrames(error) : undefined,
    );
  }

  async #tellDead(
    { event, handler, attempt }: DueDelivery,
    outcome: Outcome & { status: 'dead' },
    error: unknown,
  ): Promise<void> {
    const { source, id, type, endpoint } = event;
    try {
      await this.settings.onDead?.(
        { source, id, type, endpoint, handler, attempts: attempt, error: outcome.error },
        error,
      );
    } catch (hookError) {
      const { name, message } = toKeptError(hookError);
      this.#logger.error(`onDead failed for ${handler} and ${id}: ${name}: ${message}`);
    }
  }
}

/** The frames alone: the first lines of a stack repeat the message, however long it is. */
function stackFrames(error: Error): string | undefined {
  // An `Error.prepareStackTrace` of the application may make anything of it.
  const stack: unknown = error.stack;
  if (typeof stack !== 'string') return undefined;
  const frames = stack.indexOf('\n    at ');
  return frames === -1 ? undefined : stack.slice(frames + 1);
}
