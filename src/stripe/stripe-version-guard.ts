import { Logger } from '@nestjs/common';
import type Stripe from 'stripe';
import { NonRetriableError } from '../errors/non-retriable.error.js';
import { stripeClientVersion } from './stripe-client-version.js';
import type { StripeEnvelope } from './stripe-scope.js';

/** What to do with an event whose API version is of another major release than the SDK's. */
export type OnVersionMismatch = 'warn' | 'ignore' | 'dead';

/** Stripe renders these in a version of its own, whatever the endpoint's is. */
const EXEMPT = 'account.application.';

/**
 * Compares the API version of snapshot events with that of the configured client, whose types handlers
 * are compiled against. Versions of one major release (`2026-10-28.endive`) are compatible; before they had
 * names, each version was a release of its own.
 */
export class StripeVersionGuard {
  readonly #logger = new Logger('WebhookInbox');
  readonly #warnedOf = new Set<string>();

  constructor(
    private readonly endpoint: string,
    private readonly onMismatch: OnVersionMismatch,
  ) {}

  /** @throws NonRetriableError for a mismatch, where that is asked for. */
  check({ api_version: version, type }: StripeEnvelope, client: Stripe | undefined): void {
    if (this.onMismatch === 'ignore' || typeof version !== 'string') return;
    if (type?.startsWith(EXEMPT)) return;
    const expected = stripeClientVersion(client);
    if (expected === undefined || majorOf(version) === majorOf(expected)) return;

    const what =
      `events of endpoint "${this.endpoint}" have the API version ${version}, and the Stripe client has ` +
      `${expected}: fields may differ from their types. Give the endpoint in Stripe the client's version`;
    if (this.onMismatch === 'dead') throw new NonRetriableError(`The ${what}.`);
    if (this.#warnedOf.has(version)) return;
    this.#warnedOf.add(version);
    this.#logger.warn(`The ${what}, or set { onVersionMismatch: 'ignore' }.`);
  }
}

/** `2026-10-28.endive` is of `endive`; a preview (`2026-10-28.preview`) is of its own. */
function majorOf(version: string): string {
  const [, release] = version.split('.');
  return release === undefined || release === 'preview' ? version : release;
}
