import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';

/** The fields of a `typePath` option. @throws WebhookConfigurationError */
export function resolveTypePath(endpoint: string, typePath: unknown = 'type'): readonly string[] {
  const fields = typeof typePath === 'string' ? typePath.split('.') : [''];
  if (fields.every((field) => field.trim() !== '')) return fields;
  throw new WebhookConfigurationError(
    `Webhook endpoint "${endpoint}": typePath must be a field's name, or several with dots between.`,
  );
}

/** What stands in a parsed body at a path of fields. Only the body's own fields are looked at. */
export function readType(payload: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, field) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, field)
        ? (value as Record<string, unknown>)[field]
        : undefined,
    payload,
  );
}
