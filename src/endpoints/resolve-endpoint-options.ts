import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { LabelledSecret } from '../signatures/labelled-secret.interface.js';
import type { WebhookEndpointOptions, WebhookSecrets } from './endpoint-options.interface.js';

export interface ResolvedEndpointOptions {
  readonly secrets: readonly LabelledSecret[];
  readonly toleranceSeconds: number;
  readonly maxBodyBytes: number;
  readonly source: string;
}

/**
 * Checks the options that all senders share and fills in the defaults.
 * @throws WebhookConfigurationError naming the endpoint, the option and the remedy; never a secret.
 */
export function resolveEndpointOptions(
  name: string,
  options: WebhookEndpointOptions,
  defaultSource: string,
): ResolvedEndpointOptions {
  const { toleranceSeconds = 300, maxBodyBytes = 1024 * 1024, source = defaultSource } = options;
  if (!(Number.isFinite(toleranceSeconds) && toleranceSeconds > 0)) {
    throw invalid(name, 'toleranceSeconds must be a positive number of seconds');
  }
  if (!(Number.isSafeInteger(maxBodyBytes) && maxBodyBytes > 0)) {
    throw invalid(name, 'maxBodyBytes must be a positive whole number of bytes');
  }
  if (typeof source !== 'string' || source.trim() === '') {
    throw invalid(name, 'source must not be blank');
  }
  return Object.freeze({
    secrets: resolveSecrets(name, options.secrets),
    toleranceSeconds,
    maxBodyBytes,
    source,
  });
}

/** @throws WebhookConfigurationError for a path that is not made of literal segments and `:parameters`. */
export function resolvePaths(
  name: string,
  path: WebhookEndpointOptions['path'],
): readonly string[] {
  if (path === false) return [];
  const paths = [path ?? `webhooks/${name}`].flat();
  if (paths.length === 0) {
    throw invalid(name, 'its list of paths is empty. Give one, or { path: false } for no route');
  }
  for (const each of paths) {
    if (typeof each === 'string' && PATH.test(each)) continue;
    throw invalid(
      name,
      `its path "${each}" cannot be served: use literal segments and :parameters, such as "webhooks/stripe"`,
    );
  }
  return paths;
}

/**
 * What both adapters route alike: Express takes `!` for a pattern, Fastify decodes `%`, and clients
 * resolve `.` and `..` before they send.
 */
const SEGMENT = String.raw`(?::[A-Za-z_]\w*|(?!\.{1,2}(?:/|$))[\w.~$&',;=@-]+)`;
const PATH = new RegExp(`^/?(?:${SEGMENT}(?:/${SEGMENT})*/?)?$`);

function resolveSecrets(name: string, secrets: WebhookSecrets | undefined): LabelledSecret[] {
  const labelled = labelSecrets(secrets);
  if (labelled.length === 0) {
    throw invalid(
      name,
      'it has no signing secret. Give { secrets }, and check that the environment variable it comes from is set',
    );
  }
  for (const { label, value } of labelled) {
    if (typeof value !== 'string' || value.trim() === '') {
      throw invalid(
        name,
        `its secret "${label}" is blank. Check where it comes from, or leave it out`,
      );
    }
    if (value !== value.trim()) {
      throw invalid(name, `its secret "${label}" begins or ends with white space. Trim it`);
    }
  }
  return labelled;
}

function labelSecrets(secrets: WebhookSecrets | undefined): LabelledSecret[] {
  if (secrets === undefined || secrets === null) return [];
  if (typeof secrets === 'string') return [{ label: 'default', value: secrets }];
  const isList = Array.isArray(secrets);
  return Object.entries(secrets)
    .filter(([, value]) => isList || value !== undefined)
    .map(([label, value]) => ({ label, value: value as string }));
}

function invalid(name: string, what: string): WebhookConfigurationError {
  return new WebhookConfigurationError(`Webhook endpoint "${name}": ${what}.`);
}
