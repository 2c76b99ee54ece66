import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { MemoryBounds } from './memory-event-store.js';

export interface MemoryEngineOptions {
  /**
   * How many events are remembered after their deliveries have run; the oldest are forgotten first. An
   * event that comes again after it was forgotten runs again.
   * @default 100_000
   */
  readonly maxEvents?: number;
  /**
   * How long an event is remembered after its deliveries have run, in milliseconds.
   * @default 604_800_000 (7 days; Stripe resends for 3)
   */
  readonly maxAgeMs?: number;
  /**
   * How many bytes of bodies are kept for deliveries that failed, and again for those that wait for
   * their first run. Past it the oldest failed bodies go, and those deliveries wait until the sender
   * brings the event again by the same endpoint; while too much waits, new events are answered 503.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxBodyBytes?: number;
  /**
   * Whether bodies are kept after success too, within `maxBodyBytes`, so that events can be replayed: for
   * tests.
   * @default false
   */
  readonly keepBodies?: boolean;
}

export interface MemoryEngineSettings {
  readonly bounds: MemoryBounds;
  readonly keepsBodies: boolean;
}

const DEFAULTS: MemoryBounds = {
  maxEvents: 100_000,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxBodyBytes: 64 * 1024 * 1024,
};

/** @throws WebhookConfigurationError for a bound that is not a number of at least 1. */
export function resolveMemoryOptions(options: MemoryEngineOptions): MemoryEngineSettings {
  const bounds: MemoryBounds = {
    maxEvents: options.maxEvents ?? DEFAULTS.maxEvents,
    maxAgeMs: options.maxAgeMs ?? DEFAULTS.maxAgeMs,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULTS.maxBodyBytes,
  };
  for (const [name, value] of Object.entries(bounds)) {
    if (!(value >= 1)) {
      throw new WebhookConfigurationError(`memoryEngine: ${name} must be a number of at least 1.`);
    }
  }
  return { bounds, keepsBodies: options.keepBodies ?? false };
}
