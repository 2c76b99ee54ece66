import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { CapturedRoute } from '../raw-body/captured-route.js';
import { normalizePath } from '../raw-body/route-paths.js';
import type { WebhookEndpoint } from './webhook-endpoint.interface.js';

/** Which endpoint has a path, by what routers take for the same. */
type Claims<Claim extends { readonly endpoint: string; readonly path: string }> = Map<
  string,
  Claim
>;

/** The endpoints of the application, and where they are reached. */
@Injectable()
export class WebhookEndpointRegistry {
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #areServed = new Map<string, () => boolean>();
  readonly #configured: Claims<{ endpoint: string; path: string }> = new Map();
  readonly #routes: Claims<CapturedRoute> = new Map();

  /**
   * @param areServed Whether the generated controller still has these paths.
   * @throws WebhookConfigurationError when the name or a path is taken.
   */
  add(
    endpoint: WebhookEndpoint,
    paths: readonly string[],
    areServed: () => boolean = () => true,
  ): void {
    if (this.#endpoints.has(endpoint.name)) {
      throw new WebhookConfigurationError(
        `Two webhook endpoints are named "${endpoint.name}". Give each forRoot its own { name }.`,
      );
    }
    for (const path of paths) claim(this.#configured, { path, endpoint: endpoint.name });
    this.#endpoints.set(endpoint.name, endpoint);
    this.#areServed.set(endpoint.name, areServed);
  }

  find(name: string): WebhookEndpoint | undefined {
    return this.#endpoints.get(name);
  }

  /** @throws WebhookConfigurationError for a name that no module has configured. */
  get(name: string): WebhookEndpoint {
    const endpoint = this.#endpoints.get(name);
    if (endpoint) return endpoint;
    throw new WebhookConfigurationError(
      `There is no webhook endpoint named "${name}". Configured are: ${this.#names()}.`,
    );
  }

  all(): readonly WebhookEndpoint[] {
    return [...this.#endpoints.values()];
  }

  /**
   * Notes a route that Nest has registered.
   * @throws WebhookConfigurationError when the path is taken, or is none of its endpoint's, or the
   * endpoint is unknown.
   */
  addRoute(route: CapturedRoute): void {
    const { endpoint, path } = route;
    this.get(endpoint);
    if (route.isGenerated && !this.#areServed.get(endpoint)!()) {
      throw new WebhookConfigurationError(
        `Webhook endpoint "${endpoint}" got the route "${path}", which belongs to another application made ` +
          'from the same module class. Call init() or listen() of the one before you create the other, or ' +
          'give them the same path.',
      );
    }
    const owner = claim(this.#routes, route);
    if (!owner || !(owner.isGenerated || route.isGenerated)) return;
    throw new WebhookConfigurationError(
      `A route with @VerifyWebhook('${endpoint}') has the path "${path}" of the endpoint's generated route, ` +
        'and one would hide the other. Give it another path, or the endpoint { path: false }.',
    );
  }

  /** The paths of an endpoint as they are configured, without a global prefix; none with `path: false`. */
  pathsOf(endpoint: string): readonly string[] {
    return [...this.#configured.values()].flatMap((claim) =>
      claim.endpoint === endpoint ? [claim.path] : [],
    );
  }

  /** The routes of an endpoint, the generated ones first: those of `@VerifyWebhook` run no handlers. */
  routesOf(endpoint: string): readonly string[] {
    return [...this.#routes.values()]
      .filter((route) => route.endpoint === endpoint)
      .sort((left, right) => Number(right.isGenerated) - Number(left.isGenerated))
      .map(({ path }) => path);
  }

  #names(): string {
    return [...this.#endpoints.keys()].map((name) => `"${name}"`).join(', ') || 'none';
  }
}

/**
 * Claims a path, unless its endpoint has it already: then it gives that claim.
 * @throws WebhookConfigurationError when another endpoint has it.
 */
function claim<Claim extends { readonly endpoint: string; readonly path: string }>(
  claims: Claims<Claim>,
  wanted: Claim,
): Claim | undefined {
  // Routes that differ only in letter case or in a parameter's name are one route.
  const key = normalizePath(wanted.path).replace(/:\w+/g, ':');
  const owner = claims.get(key);
  if (!owner) claims.set(key, wanted);
  if (!owner || owner.endpoint === wanted.endpoint) return owner;
  throw new WebhookConfigurationError(
    `The webhook endpoints "${owner.endpoint}" and "${wanted.endpoint}" have the same path "${wanted.path}". ` +
      'Give each its own { path }: the path decides whose secrets a request is checked against.',
  );
}
