import { Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import { StripeApi } from '../api/stripe-api.js';
import { modeOf, StripeNeedsService } from '../needs/stripe-needs.service.js';
import type { UnknownPattern } from '../needs/stripe-needs.service.js';
import { SNAPSHOT } from '../stripe-formats.js';
import { stripeClientVersion } from '../stripe-client-version.js';
import type { StripeEndpoint } from '../stripe.endpoint.js';
import type { WantedDestination } from './destination-differences.js';

export interface StripeDestinationsOptions {
  /**
   * Only this endpoint, by name.
   * @default all Stripe endpoints
   */
  readonly endpoint?: string;
  /**
   * Where Stripe reaches the application, such as `https://example.com`, with a global prefix where there
   * is one. Not needed for endpoints that have a `publicUrl`.
   */
  readonly baseUrl?: string;
  /**
   * The mode.
   * @default what the client's key or the endpoint's `livemode` says
   */
  readonly livemode?: boolean;
}

/** An endpoint with what it is to be sent, and the API of the account that is to send it. */
export interface EndpointTarget {
  readonly endpoint: StripeEndpoint;
  readonly api: StripeApi;
  readonly livemode: boolean;
  readonly url: string;
  readonly wanted: readonly WantedDestination[];
  readonly unknownPatterns: readonly UnknownPattern[];
}

/** Finds what every Stripe endpoint of the application is to be sent. */
@Injectable()
export class EndpointTargets {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly needs: StripeNeedsService,
  ) {}

  /** @throws WebhookConfigurationError, StripeClientError for an endpoint without a URL, a mode or a client. */
  find(options: StripeDestinationsOptions): readonly EndpointTarget[] {
    const clients = new Map<object, StripeApi>();
    return this.needs.stripeEndpoints(options.endpoint).flatMap((endpoint) => {
      const livemode = modeOf(endpoint, options.livemode);
      if (endpoint.filter.livemode !== undefined && endpoint.filter.livemode !== livemode)
        return [];
      const client = endpoint.clientFor({ livemode });
      const api = clients.get(client) ?? new StripeApi(client);
      clients.set(client, api);
      const url = this.#urlOf(endpoint, options);
      const { needs, unknownPatterns } = this.needs.ofEndpoint(endpoint, livemode);
      const wanted = needs.map((need) => ({
        need,
        url,
        apiVersion: need.format === SNAPSHOT ? stripeClientVersion(client) : undefined,
      }));
      return [{ endpoint, api, livemode, url, wanted, unknownPatterns }];
    });
  }

  #urlOf({ name, publicUrl }: StripeEndpoint, { baseUrl }: StripeDestinationsOptions): string {
    if (publicUrl !== undefined) return publicUrl;
    const [path] = this.endpoints.pathsOf(name);
    if (baseUrl === undefined || path === undefined || path.includes(':')) {
      throw new WebhookConfigurationError(
        `Where does Stripe reach the endpoint "${name}"? Give baseUrl, such as https://example.com, or the ` +
          "endpoint's publicUrl, which one with parameters in its path, or without a path, needs.",
      );
    }
    if (!URL.canParse(baseUrl)) {
      throw new WebhookConfigurationError(
        `baseUrl must be a whole URL, such as https://example.com.`,
      );
    }
    return `${baseUrl.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  }
}
