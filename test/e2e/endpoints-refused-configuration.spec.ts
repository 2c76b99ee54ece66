import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { ModuleMetadata } from '@nestjs/common';
import { WebhookConfigurationError, WebhookInboxModule } from '../../src/index.js';
import { StripeWebhooksModule } from '../../src/stripe/index.js';
import type { StripeWebhooksOptions } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { createApp } from '../support/create-app.js';
import { recordingLogger } from '../support/recording-logger.js';

const SECRET = 'whsec_never_to_be_seen';

const WRONG_OPTIONS: readonly { what: string; options: object; says: RegExp }[] = [
  {
    what: 'no secrets',
    options: { secrets: undefined },
    says: /has no signing secret.*\{ secrets \}/,
  },
  { what: 'a null secret', options: { secrets: null }, says: /has no signing secret/ },
  { what: 'an empty list of secrets', options: { secrets: [] }, says: /has no signing secret/ },
  {
    what: 'only undefined secrets',
    options: { secrets: { current: undefined } },
    says: /has no signing secret.*environment variable/,
  },
  { what: 'a blank secret', options: { secrets: '' }, says: /secret "default" is blank/ },
  {
    what: 'a secret of white space',
    options: { secrets: ' \n' },
    says: /secret "default" is blank/,
  },
  {
    what: 'a blank secret beside a good one',
    options: { secrets: { current: SECRET, previous: '' } },
    says: /secret "previous" is blank/,
  },
  {
    what: 'an undefined secret in a list',
    options: { secrets: [SECRET, undefined] },
    says: /secret "1" is blank/,
  },
  {
    what: 'a secret that ends with a line end',
    options: { secrets: { current: `${SECRET}\n` } },
    says: /secret "current" begins or ends with white space\. Trim it/,
  },
  {
    what: 'an API key as the secret',
    options: { secrets: 'sk_test_never_to_be_seen' },
    says: /secret "default" is an API key\. Give the signing secret.*"whsec_"/,
  },
  {
    what: 'an API key among the secrets',
    options: { secrets: { current: SECRET, previous: 'rk_live_never_to_be_seen' } },
    says: /secret "previous" is an API key/,
  },
  { what: 'a secret that is a number', options: { secrets: { current: 1 } }, says: /"current"/ },
  {
    what: 'a wildcard path',
    options: { path: 'hooks/*' },
    says: /path "hooks\/\*" cannot be served/,
  },
  { what: 'a named wildcard', options: { path: 'hooks/*rest' }, says: /cannot be served.*literal/ },
  { what: 'an optional part', options: { path: 'hooks{/:id}' }, says: /cannot be served/ },
  { what: 'a pattern', options: { path: 'hooks/(a|b)' }, says: /cannot be served/ },
  { what: 'a doubled slash', options: { path: 'hooks//a' }, says: /cannot be served/ },
  { what: 'a path with a space', options: { path: 'my hooks' }, says: /cannot be served/ },
  { what: 'a path with a query', options: { path: 'hooks?a=b' }, says: /cannot be served/ },
  { what: 'a path with an exclamation mark', options: { path: 'a!b' }, says: /cannot be served/ },
  { what: 'an encoded character', options: { path: 'a%20b' }, says: /cannot be served/ },
  { what: 'a path that climbs', options: { path: 'hooks/../a' }, says: /cannot be served/ },
  { what: 'a path that is a number', options: { path: 7 }, says: /cannot be served/ },
  {
    what: 'one wrong path of several',
    options: { path: ['hooks', 'hooks/*'] },
    says: /path "hooks\/\*" cannot be served/,
  },
  { what: 'an unknown scope', options: { scope: 'all' }, says: /scope must be 'account'/ },
  {
    what: 'livemode as a word',
    options: { livemode: 'true' },
    says: /livemode must be true or false/,
  },
  ...[0, -1, Number.NaN, Infinity, '300'].map((toleranceSeconds) => ({
    what: `a tolerance of ${toleranceSeconds} (${typeof toleranceSeconds})`,
    options: { toleranceSeconds },
    says: /toleranceSeconds must be a positive number of seconds/,
  })),
  ...[0, -1, 1.5, Number.NaN, Infinity, '1mb'].map((maxBodyBytes) => ({
    what: `maxBodyBytes of ${maxBodyBytes} (${typeof maxBodyBytes})`,
    options: { maxBodyBytes },
    says: /maxBodyBytes must be a positive whole number of bytes/,
  })),
  { what: 'a blank source', options: { source: ' ' }, says: /source must not be blank/ },
];

const CLASHES: readonly { what: string; path: string; other?: string }[] = [
  { what: 'the same', path: 'hooks/a' },
  { what: 'the same with a slash before it', path: '/hooks/a' },
  { what: 'the same with a slash after it', path: 'hooks/a/' },
  { what: 'the same in another letter case', path: 'Hooks/A' },
  { what: 'the same but for the name of a parameter', path: 'hooks/:b', other: 'hooks/:a' },
];

describe.each(ADAPTERS)('an application refuses to start on %s', (adapter) => {
  it.each(WRONG_OPTIONS)('with $what', async ({ options, says }) => {
    const error = await startWith([stripe({ name: 'billing', ...options })]);

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect(error.message).toMatch(/^Webhook endpoint "billing": /);
    expect(error.message).toMatch(says);
  });

  it.each(WRONG_OPTIONS)('with $what from a factory', async ({ options, says }) => {
    const given = { secrets: SECRET, ...options } as StripeWebhooksOptions;
    const error = await startWith([
      StripeWebhooksModule.forRootAsync({ name: 'billing', useFactory: async () => given }),
    ]);

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect(error.message).toMatch(says);
  });

  it('with a factory that gives nothing', async () => {
    const error = await startWith([
      StripeWebhooksModule.forRootAsync({ name: 'billing', useFactory: () => undefined as never }),
    ]);

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect(error.message).toMatch(/^Webhook endpoint "billing" has no options/);
  });

  it('with two endpoints of one name', async () => {
    const error = await startWith([stripe({}), stripe({ path: 'hooks/other' })]);

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect(error.message).toBe(
      'Two webhook endpoints are named "stripe". Give each forRoot its own { name }.',
    );
  });

  it.each(CLASHES)(
    'with two endpoints whose path is $what',
    async ({ path, other = 'hooks/a' }) => {
      const error = await startWith([
        stripe({ name: 'a', path: other }),
        stripe({ name: 'b', path }),
      ]);

      expect(error).toBeInstanceOf(WebhookConfigurationError);
      expect(error.message).toContain(
        `The webhook endpoints "a" and "b" have the same path "${path}". Give each its own { path }`,
      );
    },
  );

  it('with two endpoints that share one of several paths', async () => {
    const error = await startWith([
      stripe({ name: 'a', path: ['hooks/a', 'hooks/common'] }),
      stripe({ name: 'b', path: ['hooks/b', 'hooks/common'] }),
    ]);

    expect(error.message).toContain('"a" and "b" have the same path "hooks/common"');
  });

  it('with WebhookInboxModule configured twice', async () => {
    const error = await startWith([
      WebhookInboxModule.forRoot({ concurrency: 1 }),
      WebhookInboxModule.forRoot({ concurrency: 2 }),
      stripe({}),
    ]);

    expect(error).toBeInstanceOf(WebhookConfigurationError);
    expect(error.message).toMatch(/WebhookInboxModule is configured more than once/);
  });

  it('with a blank name', () => {
    expect(() => stripe({ name: ' ' })).toThrow(WebhookConfigurationError);
  });

  /** Why it did not start; checks that no secret shows in the error or in the log. */
  async function startWith(imports: NonNullable<ModuleMetadata['imports']>): Promise<Error> {
    const logger = recordingLogger();
    const starting = createApp({ adapter, imports, options: { logger } }).then(
      (running) => running.close(),
      (error: unknown) => error,
    );
    const error = (await starting) as Error;
    const shown = [error?.message, error?.stack, ...logger.lines.map(({ text }) => text)].join(
      '\n',
    );
    expect(shown).not.toContain('never_to_be_seen');
    return error;
  }
});

function stripe(options: object) {
  return StripeWebhooksModule.forRoot({ secrets: SECRET, ...options } as StripeWebhooksOptions);
}
