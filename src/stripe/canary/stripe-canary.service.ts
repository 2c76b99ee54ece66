import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Inject, Injectable } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { Clock } from '../../inbox/clock.js';
import type { StoredEvent } from '../../inbox/delivery.interface.js';
import { WEBHOOK_INBOX_CLOCK, WEBHOOK_INBOX_ENGINE } from '../../inbox/tokens.js';
import type { WebhookEngine } from '../../inbox/webhook-engine.interface.js';
import { waitFor } from '../api/wait-for.js';
import { isSameUrl } from '../destinations/destination-differences.js';
import { EndpointTargets } from '../destinations/endpoint-targets.js';
import type {
  EndpointTarget,
  StripeDestinationsOptions,
} from '../destinations/endpoint-targets.js';
import { readDestinations } from '../destinations/stripe-destination.js';

export interface StripePingOptions extends StripeDestinationsOptions {
  /**
   * How long to wait for a ping to arrive, in milliseconds.
   * @default 30_000
   */
  readonly withinMs?: number;
}

/** What became of a ping. */
export interface StripePingReport {
  /** The name of the endpoint that it was to reach. */
  readonly endpoint: string;
  readonly url: string;
  /** The event destination that was asked to ping; undefined where there is none. */
  readonly destination: string | undefined;
  readonly status: 'arrived' | 'wrong_endpoint' | 'refused' | 'not_arrived' | 'no_destination';
  /** From the request to Stripe to the arrival, in milliseconds; undefined where it did not arrive. */
  readonly roundTripMs: number | undefined;
  /** What is broken, and what to do about it. */
  readonly message: string;
}

interface Refusal {
  readonly endpoint: string;
  readonly code: string;
}

const REFUSED = 'nestjs-webhook-inbox:request.refused';
const LOOK_EVERY_MS = 250;

/**
 * Sees whether what Stripe sends arrives: it asks Stripe for a ping, and waits for it in the inbox, whichever
 * process it reaches.
 */
@Injectable()
export class StripeCanary implements BeforeApplicationShutdown {
  readonly #stop = new AbortController();

  constructor(
    private readonly targets: EndpointTargets,
    @Inject(WEBHOOK_INBOX_ENGINE) private readonly engine: WebhookEngine,
    @Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Pings every event destination that sends to a Stripe endpoint of the application.
   *
   * @throws WebhookConfigurationError, StripeClientError, and the SDK's errors.
   *
   * @example
   * const [{ status, message }] = await canary.ping({ baseUrl: 'https://example.com' });
   */
  async ping({ withinMs = 30_000, ...options }: StripePingOptions = {}): Promise<
    readonly StripePingReport[]
  > {
    if (!(withinMs > 0)) {
      throw new WebhookConfigurationError('withinMs must be a positive number of milliseconds.');
    }
    const reports = this.targets.find(options).map((each) => this.#pingAll(each, withinMs));
    return (await Promise.all(reports)).flat();
  }

  beforeApplicationShutdown(): void {
    this.#stop.abort();
  }

  async #pingAll(target: EndpointTarget, withinMs: number): Promise<StripePingReport[]> {
    const { endpoint, url } = target;
    const destinations = (await readDestinations(target.api)).filter(
      (each) =>
        each.canPing && each.isEnabled && each.url !== undefined && isSameUrl(each.url, url),
    );
    if (destinations.length > 0) {
      return Promise.all(destinations.map(({ id }) => this.#ping(target, id, withinMs)));
    }
    const message =
      'No enabled event destination sends there. A webhook endpoint of /v1 cannot be pinged.';
    const status = 'no_destination';
    const nothing = { destination: undefined, roundTripMs: undefined };
    return [{ endpoint: endpoint.name, url, status, ...nothing, message }];
  }

  async #ping(
    { endpoint, url, api }: EndpointTarget,
    destination: string,
    withinMs: number,
  ): Promise<StripePingReport> {
    const refusals: Refusal[] = [];
    const note = (refusal: unknown): void => void refusals.push(refusal as Refusal);
    subscribe(REFUSED, note);
    try {
      const startMs = this.clock.now();
      const { id } = await api.post<{ id: string }>(
        `/v2/core/event_destinations/${encodeURIComponent(destination)}/ping`,
      );
      const stored = await this.#whenStored(endpoint.source, id, startMs + withinMs);
      const roundTripMs = stored && stored.receivedAt.getTime() - startMs;
      const verdict = judge(endpoint.name, stored, refusals, withinMs);
      return { endpoint: endpoint.name, url, destination, roundTripMs, ...verdict };
    } finally {
      unsubscribe(REFUSED, note);
    }
  }

  /** Looks again and again: it may be another process that the ping reaches. */
  async #whenStored(source: string, id: string, untilMs: number): Promise<StoredEvent | undefined> {
    for (;;) {
      const stored = await this.engine.find({ source, id });
      const leftMs = untilMs - this.clock.now();
      if (stored || leftMs <= 0 || this.#stop.signal.aborted) return stored;
      await waitFor(Math.min(LOOK_EVERY_MS, leftMs), this.clock, this.#stop.signal);
    }
  }
}

function judge(
  name: string,
  stored: StoredEvent | undefined,
  refusals: readonly Refusal[],
  withinMs: number,
): Pick<StripePingReport, 'status' | 'message'> {
  if (stored?.endpoint === name) return { status: 'arrived', message: 'It arrived.' };
  if (stored) {
    const message = `It arrived at the endpoint "${stored.endpoint}". Compare the URLs and the paths.`;
    return { status: 'wrong_endpoint', message };
  }
  const refusal = refusals.find(({ endpoint }) => endpoint === name);
  if (refusal) {
    const message =
      `A request came and was refused meanwhile: ${refusal.code}. ` +
      "For a wrong signature, give the endpoint this destination's secret.";
    return { status: 'refused', message };
  }
  const message =
    `Nothing arrived within ${withinMs} ms. See in Stripe what it was answered: the URL, a proxy or a firewall ` +
    'may be in the way, or another process refuses it.';
  return { status: 'not_arrived', message };
}
