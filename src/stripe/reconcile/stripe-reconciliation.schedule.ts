import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { toKeptError } from '../../handlers/to-kept-error.js';
import type { Clock } from '../../inbox/clock.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_COMMAND } from '../../inbox/tokens.js';
import type { WebhookInboxCommand } from '../../inbox/tokens.js';
import { StripeNeedsService } from '../needs/stripe-needs.service.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import { StripeReconciler } from './stripe-reconciler.service.js';

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

  #runLater(endpoint: StripeEndpoint): void {
    const everyMs = endpoint.reconcile?.everyMs;
    if (everyMs === undefined || this.#isShuttingDown) return;
    const cancel = this.clock.setTimer(() => void this.#run(endpoint), everyMs);
    this.#cancelTimers.set(endpoint.name, cancel);
  }

  async #run(endpoint: StripeEndpoint): Promise<void> {
    try {
      const { checked, missed } = await this.reconciler.run({ endpoint: endpoint.name });
      if (missed.length > 0) {
        this.#logger.warn(
          `Endpoint "${endpoint.name}": ${missed.length} of ${checked} events of Stripe had not arrived. They ` +
            'are put through now.',
        );
      }
    } catch (error) {
      const { message } = toKeptError(error);
      this.#logger.error(`Endpoint "${endpoint.name}" could not be reconciled: ${message}`);
    }
    this.#runLater(endpoint);
  }
}
