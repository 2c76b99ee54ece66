import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { toKeptError } from '../../handlers/to-kept-error.js';
import { WEBHOOK_INBOX_COMMAND } from '../../inbox/tokens.js';
import type { WebhookInboxCommand } from '../../inbox/tokens.js';
import { concealKeys } from '../api/conceal-keys.js';
import { StripeDestinations } from '../destinations/stripe-destinations.service.js';
import { StripeNeedsService } from '../needs/stripe-needs.service.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';

/**
 * Says at start where Stripe sends something else than the handlers listen to. The start does not wait for
 * it, and does not fail by it.
 */
@Injectable()
export class StripeStartupCheck implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger('WebhookInbox');
  #finished: Promise<unknown> = Promise.resolve();
  #isShuttingDown = false;

  constructor(
    private readonly needs: StripeNeedsService,
    private readonly destinations: StripeDestinations,
    @Optional() @Inject(WEBHOOK_INBOX_COMMAND) private readonly command?: WebhookInboxCommand,
  ) {}

  /** Resolves when every endpoint is checked. */
  get finished(): Promise<unknown> {
    return this.#finished;
  }

  onApplicationBootstrap(): void {
    if (this.command) return;
    const endpoints = this.needs.stripeEndpoints().filter(({ checksOnStart }) => checksOnStart);
    this.#finished = Promise.all(endpoints.map((endpoint) => this.#check(endpoint)));
  }

  beforeApplicationShutdown(): void {
    this.#isShuttingDown = true;
  }

  async #check({ name }: StripeEndpoint): Promise<void> {
    try {
      const plan = await this.destinations.plan({ endpoint: name });
      const findings = [...plan.destinations.flatMap((each) => each.findings), ...plan.findings];
      for (const { code, message } of findings) {
        if (code !== 'foreign') this.#warn(`Endpoint "${name}": ${message}.`);
      }
    } catch (error) {
      const reason = concealKeys(toKeptError(error).message);
      this.#warn(`Endpoint "${name}" could not be compared with Stripe: ${reason}`);
    }
  }

  #warn(message: string): void {
    if (!this.#isShuttingDown) this.#logger.warn(message);
  }
}
