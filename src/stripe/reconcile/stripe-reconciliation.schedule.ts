import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { toKeptError } from '../../handlers/to-kept-error.js';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_COMMAND } from '../../inbox/tokens.js';
import type { WebhookInboxCommand } from '../../inbox/tokens.js';
import { concealKeys } from '../api/conceal-keys.js';
import { StripeNeedsService } from '../needs/stripe-needs.service.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import { LEASE_MS } from './run-claim.js';
import { StripeReconciler } from './stripe-reconciler.service.js';
import type { StripeReconcileReport } from './stripe-reconcile.interface.js';

/** Reconciles the endpoints that ask for it, when the application starts and from time to time. */
@Injectable()
export class StripeReconciliationSchedule
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  readonly #logger = new Logger('WebhookInbox');
  readonly #cancelTimers = new Map<string, () => void>();
  #isShuttingDown = false;

  constructor(
    private readonly needs: StripeNeedsService,
    private readonly reconciler: StripeReconciler,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
    @Optional() @Inject(WEBHOOK_INBOX_COMMAND) private readonly command?: WebhookInboxCommand,
  ) {}

  /** @throws WebhookConfigurationError for an engine that keeps nothing. */
  onApplicationBootstrap(): void {
    if (this.command) return;
    for (const endpoint of this.needs.stripeEndpoints()) {
      if (!endpoint.reconcile) continue;
      this.reconciler.assertEngineFits();
      if (endpoint.reconcile.onStart) void this.#run(endpoint);
      else this.#runLater(endpoint);
    }
  }

  /** What runs is ended by the reconciler itself. */
  beforeApplicationShutdown(): void {
    this.#isShuttingDown = true;
    this.#cancelTimers.forEach((cancel) => cancel());
  }

  #runLater(endpoint: StripeEndpoint, delayMs = endpoint.reconcile?.everyMs): void {
    if (delayMs === undefined || this.#isShuttingDown) return;
    const cancel = this.clock.setTimer(() => void this.#run(endpoint), delayMs);
    this.#cancelTimers.set(endpoint.name, cancel);
  }

  async #run(endpoint: StripeEndpoint): Promise<void> {
    try {
      const report = await this.reconciler.run({ endpoint: endpoint.name });
      this.#warnOf(endpoint, report);
      // The other run may be of a process that was killed, or for another endpoint.
      if (report.status === 'busy') {
        return this.#runLater(
          endpoint,
          Math.min(endpoint.reconcile?.everyMs ?? LEASE_MS, LEASE_MS),
        );
      }
    } catch (error) {
      const message = concealKeys(toKeptError(error).message);
      this.#logger.error(`Endpoint "${endpoint.name}" could not be reconciled: ${message}`);
    }
    this.#runLater(endpoint);
  }

  #warnOf({ name }: StripeEndpoint, { checked, missed, refused }: StripeReconcileReport): void {
    if (missed.length > 0) {
      this.#logger.warn(
        `Endpoint "${name}": ${missed.length} of ${checked} events of Stripe had not arrived. They are put ` +
          'through now.',
      );
    }
    for (const { account, format, message } of refused) {
      this.#logger.warn(
        `Endpoint "${name}": the ${format} events of ${account} could not be compared: ${message}`,
      );
    }
  }
}
