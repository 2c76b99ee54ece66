import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';

/**
 * Finds the endpoint of a request's URL as Express will: letter case and a trailing slash do not
 * matter, `:name` stands for one segment.
 */
export class RoutePaths {
  readonly #literal = new Map<string, string>();
  readonly #withParameters: { readonly pattern: RegExp; readonly endpoint: string }[] = [];

  get isEmpty(): boolean {
    return this.#literal.size === 0 && this.#withParameters.length === 0;
  }

  /** @throws WebhookConfigurationError for a pattern of Express that goes beyond `:name`. */
  add(path: string, endpoint: string): void {
    if (/[*{}()]/.test(path)) {
      throw new WebhookConfigurationError(
        `The route "${path}" of webhook endpoint "${endpoint}" cannot be served: use literal segments and ` +
          ':parameters, such as "webhooks/stripe".',
      );
    }
    const normal = normalizePath(path);
    if (!normal.includes('/:')) {
      this.#literal.set(normal, endpoint);
      return;
    }
    const segments = normal
      .split('/')
      .map((segment) => (segment.startsWith(':') ? '[^/]+' : escapeRegExp(segment)));
    this.#withParameters.push({ pattern: new RegExp(`^${segments.join('/')}$`), endpoint });
  }

  find(url: string): string | undefined {
    if (this.isEmpty) return undefined;
    const queryStart = url.indexOf('?');
    const path = normalizePath(queryStart === -1 ? url : url.slice(0, queryStart));
    return (
      this.#literal.get(path) ??
      this.#withParameters.find(({ pattern }) => pattern.test(path))?.endpoint
    );
  }
}

/** Lower case, one leading slash, no trailing one. */
export function normalizePath(path: string): string {
  const start = path.startsWith('/') ? path : `/${path}`;
  const end = start.length > 1 && start.endsWith('/') ? start.slice(0, -1) : start;
  return end.toLowerCase();
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
