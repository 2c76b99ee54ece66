import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookContext } from '../handlers/webhook-context.js';
import type { Delivery, KeptError } from './delivery.interface.js';
import type { Ack } from './ack.js';
import { memoryEngine } from './memory/memory-engine.js';
import type { RetryPolicy } from './retry-policy.js';
import type { WebhookEngine } from './webhook-engine.interface.js';
import type { EventKey } from './webhook-event.interface.js';

/** A delivery that will not be run again, as `onDead` gets it. */
export interface DeadDelivery
  extends EventKey, Pick<Delivery, 'handler' | 'endpoint' | 'attempts'> {
  readonly type: string;
  readonly error: KeptError;
}

/** What `WebhookInboxModule` takes. Every option has a default; the module itself may be left out. */
export interface WebhookInboxOptions {
  /**
   * Where events and deliveries are kept.
   * @default `memoryEngine()`
   */
  readonly engine?: WebhookEngine;
  /**
   * How many deliveries run at once in this process. The others wait.
   * @default 16
   */
  readonly concurrency?: number;
  /**
   * How long an attempt may take, in milliseconds, before `context.signal` is aborted; and how long the
   * sender waits for its answer. What a handler returns later still counts.
   * @default 30_000
   */
  readonly timeoutMs?: number;
  /**
   * How long after its start, in milliseconds, an attempt that ignores its signal is given up: it has
   * failed, its later result is refused, and the delivery may be run again.
   * For a handler whose own `timeoutMs` is not shorter, it is ten times that.
   * @default 300_000, or ten times a larger `timeoutMs`
   */
  readonly abandonAfterMs?: number;
  readonly retry?: {
    /**
     * How many attempts a delivery has before it is `dead`.
     * @default 24
     */
    readonly attempts?: number;
    /**
     * When an engine that retries by itself runs a delivery again that failed once: between this and twice
     * this, in milliseconds. The delay doubles with every attempt.
     * @default 5000
     */
    readonly minDelayMs?: number;
    /**
     * The longest delay before another attempt, in milliseconds.
     * @default 21_600_000 (6 hours)
     */
    readonly maxDelayMs?: number;
  };
  /**
   * What the answer to the sender waits for: `stored`, or that the deliveries were `handled`. A handler may
   * ask for the other; an event is then answered when all its deliveries have run.
   * @default `stored` on engines that survive something, `handled` in memory
   */
  readonly ack?: Ack;
  /**
   * Whether deliveries run in this process. Where it is `false`, the process stores events for others.
   * @default `true`
   */
  readonly worker?: boolean;
  /**
   * For how many days durable engines keep an event's body, without which it cannot be replayed. An event with
   * an unfinished delivery is kept whole.
   * @default 30
   */
  readonly keepBodiesDays?: number;
  /**
   * For how many days durable engines keep an event's id, with what became of its deliveries: for as long it
   * never runs again after success, whatever its sender resends. No less than `keepBodiesDays`.
   * @default 35
   */
  readonly keepIdsDays?: number;
  /**
   * How long a shutdown waits for running handlers, in milliseconds.
   * @default 10_000
   */
  readonly shutdownTimeoutMs?: number;
  /**
   * Request headers to keep beside the usual ones (content type, user agent, signature and id headers),
   * in any letter case. `authorization` and `cookie` are never kept.
   * @default []
   */
  readonly keepHeaders?: readonly string[];
  /**
   * Wraps every attempt: for tracing, a CLS context, a transaction. Call `run` once and return what it
   * returns. The attempt lasts until the handler has ended, and an error of the handler fails it, whether
   * or not `around` waits for it and passes it on.
   */
  readonly around?: (context: WebhookContext, run: () => Promise<unknown>) => Promise<unknown>;
  /** Called when a delivery has become `dead`: for an alert. Its own errors are logged. */
  readonly onDead?: (delivery: DeadDelivery, error: unknown) => void | Promise<void>;
}

/** The options with their defaults. */
export interface WebhookInboxSettings {
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly abandonAfterMs: number;
  readonly retry: RetryPolicy;
  readonly ack: Ack | undefined;
  readonly worker: boolean;
  readonly keepBodiesDays: number;
  readonly keepIdsDays: number;
  readonly shutdownTimeoutMs: number;
  readonly keepHeaders: ReadonlySet<string>;
  readonly around: WebhookInboxOptions['around'];
  readonly onDead: WebhookInboxOptions['onDead'];
}

const DEFAULT_RETRY: RetryPolicy = { attempts: 24, minDelayMs: 5000, maxDelayMs: 21_600_000 };

const KEPT_HEADERS = [
  'content-type',
  'user-agent',
  'stripe-signature',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'svix-id',
  'svix-timestamp',
  'svix-signature',
];
const NEVER_KEPT_HEADERS = ['authorization', 'proxy-authorization', 'cookie'];

/** @throws WebhookConfigurationError naming the option that is wrong. */
export function resolveInboxOptions(options: WebhookInboxOptions = {}): WebhookInboxSettings {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const settings: WebhookInboxSettings = {
    concurrency: options.concurrency ?? 16,
    timeoutMs,
    abandonAfterMs: options.abandonAfterMs ?? Math.max(300_000, tenTimes(timeoutMs)),
    retry: resolveRetry(options.retry, DEFAULT_RETRY),
    ack: options.ack,
    worker: options.worker ?? true,
    keepBodiesDays: options.keepBodiesDays ?? 30,
    keepIdsDays: options.keepIdsDays ?? 35,
    shutdownTimeoutMs: options.shutdownTimeoutMs ?? 10_000,
    keepHeaders: resolveKeptHeaders(options.keepHeaders ?? []),
    around: options.around,
    onDead: options.onDead,
  };

  assertCount('concurrency', settings.concurrency);
  assertRetry('retry', settings.retry);
  if (typeof settings.worker !== 'boolean') throw invalid('worker', 'true or false');
  for (const name of ['timeoutMs', 'abandonAfterMs', 'shutdownTimeoutMs'] as const) {
    assertDelay(name, settings[name]);
  }
  assertRetention(settings);
  for (const name of ['around', 'onDead'] as const) {
    if (!['function', 'undefined'].includes(typeof settings[name]))
      throw invalid(name, 'a function');
  }
  if (settings.abandonAfterMs <= timeoutMs) throw invalid('abandonAfterMs', 'more than timeoutMs');
  return Object.freeze(settings);
}

/** @throws WebhookConfigurationError for what is no engine. */
export function resolveEngine({ engine }: WebhookInboxOptions = {}): WebhookEngine {
  if (engine === undefined) return memoryEngine();
  if (typeof engine?.accept === 'function') return engine;
  throw invalid('engine', 'what an engine function returns, such as memoryEngine()');
}

/** When an attempt of a handler with this `timeoutMs` is given up, in milliseconds after its start. */
export function abandonAfter(
  { abandonAfterMs }: Pick<WebhookInboxSettings, 'abandonAfterMs'>,
  timeoutMs: number,
): number {
  return abandonAfterMs > timeoutMs ? abandonAfterMs : tenTimes(timeoutMs);
}

/** The policy with what a module or a handler says of it. */
export function resolveRetry(
  options: Partial<RetryPolicy> | undefined,
  defaults: RetryPolicy,
): RetryPolicy {
  return {
    attempts: options?.attempts ?? defaults.attempts,
    minDelayMs: options?.minDelayMs ?? defaults.minDelayMs,
    maxDelayMs: options?.maxDelayMs ?? defaults.maxDelayMs,
  };
}

/** @throws WebhookConfigurationError */
export function assertRetry(name: string, { attempts, minDelayMs, maxDelayMs }: RetryPolicy): void {
  assertCount(`${name}.attempts`, attempts);
  assertDelay(`${name}.minDelayMs`, minDelayMs);
  assertDelay(`${name}.maxDelayMs`, maxDelayMs);
  if (maxDelayMs < minDelayMs) throw invalid(`${name}.maxDelayMs`, 'no less than minDelayMs');
}

function assertCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw invalid(name, 'a positive whole number');
}

function assertRetention({ keepBodiesDays, keepIdsDays }: WebhookInboxSettings): void {
  for (const [name, days] of Object.entries({ keepBodiesDays, keepIdsDays })) {
    const isDays = Number.isFinite(days) && days > 0 && days <= MAX_DAYS;
    if (!isDays) throw invalid(name, `a number of days between 0 and ${MAX_DAYS}`);
  }
  if (keepIdsDays < keepBodiesDays) throw invalid('keepIdsDays', 'no less than keepBodiesDays');
}

/** A hundred years. */
const MAX_DAYS = 36_500;

function tenTimes(delayMs: number): number {
  return Math.min(10 * delayMs, MAX_DELAY_MS);
}

/** The longest delay that a timer of Node takes. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** @throws WebhookConfigurationError */
export function assertDelay(name: string, valueMs: number): void {
  if (Number.isFinite(valueMs) && valueMs > 0 && valueMs <= MAX_DELAY_MS) return;
  throw invalid(name, `a number of milliseconds between 0 and ${MAX_DELAY_MS}`);
}

function resolveKeptHeaders(more: readonly string[]): ReadonlySet<string> {
  const isList = Array.isArray(more) && more.every((name) => typeof name === 'string');
  if (!isList) throw invalid('keepHeaders', 'a list of header names');
  const names = more.map((name) => name.toLowerCase());
  const refused = names.find((name) => NEVER_KEPT_HEADERS.includes(name));
  if (refused !== undefined) {
    throw invalid('keepHeaders', `without "${refused}", which carries credentials`);
  }
  return new Set([...KEPT_HEADERS, ...names]);
}

function invalid(name: string, expected: string): WebhookConfigurationError {
  return new WebhookConfigurationError(`WebhookInboxModule: ${name} must be ${expected}.`);
}
