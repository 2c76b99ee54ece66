import { Inject, Injectable, Logger } from '@nestjs/common';
import { toKeptError } from '../handlers/to-kept-error.js';
import type { Clock } from './clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE, WEBHOOK_INBOX_SETTINGS } from './tokens.js';
import type { PruneReport, WebhookEngine } from './webhook-engine.interface.js';
import type { WebhookInboxSettings } from './webhook-inbox.options.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Soon, so that a process which is restarted often prunes too; and not while it starts. */
const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 60 * 60 * 1000;

/** Forgets what is older than `keepBodiesDays` and `keepIdsDays`, again and again. */
@Injectable()
export class WebhookPruner {
  readonly #logger = new Logger('WebhookInbox');
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_SETTINGS) private readonly settings: WebhookInboxSettings,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  start(): void {
    this.#pruneAfter(FIRST_AFTER_MS);
  }

  /** Sets no further timer. A pruning that is under way ends with the engine. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  prune(): Promise<PruneReport> {
    const { keepBodiesDays, keepIdsDays } = this.settings;
    const daysAgo = (days: number): Date => new Date(this.clock.now() - days * DAY_MS);
    return this.engine.prune({ bodies: daysAgo(keepBodiesDays), events: daysAgo(keepIdsDays) });
  }

  #pruneAfter(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.clock.setTimer(() => this.#pruneAndGoOn(), delayMs);
  }

  async #pruneAndGoOn(): Promise<void> {
    try {
      await this.prune();
    } catch (error) {
      this.#logger.error(
        `Old events could not be pruned; it is tried again in an hour. ${toKeptError(error).message}`,
      );
    }
    this.#pruneAfter(EVERY_MS);
  }
}
