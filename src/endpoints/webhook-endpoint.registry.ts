import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { normalizePath } from '../raw-body/route-paths.js';
import type { WebhookEndpoint } from './webhook-endpoint.interface.js';

/** Which endpoint has a path, by what routers take for the same. */
type Claims = Map<string, { readonly endpoint: string; readonly path: string }>;

/** The endpoints of the application, and where they are reached. */
@Injectable()
export class WebhookEndpointRegistry {
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #pathOwners: Claims = new Map();
  readonly #routes: Claims = new Map();

  /** @throws WebhookConfigurationError when the name or a path is taken. */
  add(endpoint: WebhookEndpoint, paths: readonly string[]): void {
    if (this.#endpoints.has(endpoint.name)) {
      throw new WebhookConfigurationError(
        `Two webhook endpoints are named "${endpoint.name}". Give each forRoot its own { name }.`,
      );
    }
    for (const path of paths) claim(this.#pathOwners, path, endpoint.name);
    this.#endpoints.set(endpoint.name, endpoint);
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
   * Notes a route that Nest has registered, with its final path.
   * @throws WebhookConfigurationError when another endpoint has that path, or the endpoint is unknown.
   */
  addRoute(endpoint: string, path: string): void {
    claim(this.#routes, path, this.get(endpoint).name);
  }

  /** The routes of an endpoint, the generated ones first: those of `@VerifyWebhook` run no handlers. */
  routesOf(endpoint: string): readonly string[] {
    const isGenerated = (route: string): boolean =>
      [...this.#pathOwners.values()].some(
        (claimed) =>
          claimed.endpoint === endpoint &&
          normalizePath(route).endsWith(normalizePath(claimed.path)),
      );
    return [...this.#routes.values()]
      .filter((claimed) => claimed.endpoint === endpoint)
      .map(({ path }) => path)
      .sort((left, right) => Number(isGenerated(right)) - Number(isGenerated(left)));
  }

  #names(): string {
    return [...this.#endpoints.keys()].map((name) => `"${name}"`).join(', ') || 'none';
  }
}

function claim(claims: Claims, path: string, endpoint: string): void {
  // Routes that differ only in letter case or in a parameter's name are one route.
  const key = normalizePath(path).replace(/:\w+/g, ':');
  const owner = claims.get(key)?.endpoint;
  if (owner !== undefined && owner !== endpoint) {
    throw new WebhookConfigurationError(
      `The webhook endpoints "${owner}" and "${endpoint}" have the same path "${path}". Give each its own ` +
        '{ path }: the path decides whose secrets a request is checked against.',
    );
  }
  if (owner === undefined) claims.set(key, { endpoint, path });
}
