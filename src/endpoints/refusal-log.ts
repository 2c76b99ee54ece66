import { Inject, Injectable, Logger } from '@nestjs/common';
import { RefusedRequestError } from '../errors/refused-request.error.js';
import type { Clock } from '../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK } from '../inbox/tokens.js';
import { requestRefused } from '../inbox/diagnostics.js';

const WINDOW_MS = 60_000;

/** Logs refused requests: the first of a kind at once, the others as a number, once a minute at most. */
@Injectable()
export class RefusalLog {
  readonly #logger = new Logger('WebhookInbox');
  readonly #windows = new Map<string, { startedAtMs: number; silenced: number }>();

  constructor(@Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock) {}

  /** Notes why a request gets no 200. A fault of the application is logged as an error. */
  add(endpoint: string, error: unknown): void {
    const code = codeOf(error);
    requestRefused.publish({ endpoint, code });

    const silenced = this.#open(`${endpoint} ${code}`);
    if (silenced === undefined) return;
    const more = silenced > 0 ? ` (${silenced} more in the minute before)` : '';
    const message = `Refused a request to endpoint "${endpoint}": ${code}. ${messageOf(error)}${more}`;
    if (error instanceof RefusedRequestError) this.#logger.warn(message);
    else this.#logger.error(message, error instanceof Error ? error.stack : undefined);
  }

  /** How many of this kind were silenced since it was last logged, or undefined while it is silenced. */
  #open(kind: string): number | undefined {
    const nowMs = this.clock.now();
    const window = this.#windows.get(kind);
    if (window && nowMs < window.startedAtMs + WINDOW_MS) {
      window.silenced += 1;
      return undefined;
    }
    this.#windows.set(kind, { startedAtMs: nowMs, silenced: 0 });
    return window?.silenced ?? 0;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
