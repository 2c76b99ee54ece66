import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';

/** Nobody answers, or nobody that lets this application in: codes of Node and of PostgreSQL. */
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENOENT'],
  ...['28000', '28P01', '3D000'],
]);

/** What a connection that cannot be made says by itself names neither this package nor what to do. */
export function toStartError(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: string };
  if (typeof code !== 'string' || !UNREACHABLE.has(code)) return error;
  return new WebhookConfigurationError(
    `postgresEngine cannot reach its database: ${message || code}. Look at the pool or the connectionString ` +
      'that it was given; without one, pg connects to this machine.',
    { cause: error },
  );
}
