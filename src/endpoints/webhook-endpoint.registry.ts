import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { normalizePath } from '../raw-body/route-paths.js';
import type { WebhookEndpoint } from './webhook-endpoint.interface.js';

/** The endpoints of the application, and where they are reached. */
@Injectable()
export class WebhookEndpointRegistry {
  readonly #endpoints = new Map<string, WebhookEndpoint>();
  readonly #pathOwners = new Map<string, string>();
  readonly #routes = new Map<string, string>();

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
   * @throws WebhookConfigurationError when another endpoint has that path.
   */
  addRoute(endpoint: string, path: string): void {
    claim(this.#routes, path, endpoint);
  }

  routesOf(endpoint: string): readonly string[] {
    return [...this.#routes].filter(([, owner]) => owner === endpoint).map(([path]) => path);
  }

  #names(): string {
    return [...this.#endpoints.keys()].map((name) => `"${name}"`).join(', ') || 'none';
  }
}

function claim(owners: Map<string, string>, path: string, endpoint: string): void {
  const key = normalizePath(path);
  const owner = owners.get(key);
  if (owner !== undefined && owner !== endpoint) {
    throw new WebhookConfigurationError(
      `The webhook endpoints "${owner}" and "${endpoint}" have the same path "${path}". Give each its own ` +
        '{ path }: the path decides whose secrets a request is checked against.',
    );
  }
  owners.set(key, endpoint);
}
