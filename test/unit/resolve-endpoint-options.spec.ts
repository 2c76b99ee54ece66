import { describe, expect, it } from '@jest/globals';
import type { WebhookEndpointOptions } from '../../src/endpoints/endpoint-options.interface.js';
import {
  resolveEndpointOptions,
  resolvePaths,
} from '../../src/endpoints/resolve-endpoint-options.js';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';

const SECRET = 'whsec_abc';

function resolve(options: object) {
  return resolveEndpointOptions('connect', options as WebhookEndpointOptions, 'stripe');
}

describe('The options of an endpoint', () => {
  it('have defaults, and cannot be changed afterwards', () => {
    const resolved = resolve({ secrets: SECRET });

    expect(resolved).toEqual({
      secrets: [{ label: 'default', value: SECRET }],
      toleranceSeconds: 300,
      maxBodyBytes: 1024 * 1024,
      source: 'stripe',
    });
    expect(Object.isFrozen(resolved)).toBe(true);
  });

  it('are taken as given', () => {
    const options = { toleranceSeconds: 0.5, maxBodyBytes: 1, source: 'tenant' };

    expect(resolve({ secrets: SECRET, ...options })).toMatchObject(options);
  });

  it.each([
    ['one string', SECRET, [['default', SECRET]]],
    [
      'a list',
      ['whsec_1', 'whsec_2'],
      [
        ['0', 'whsec_1'],
        ['1', 'whsec_2'],
      ],
    ],
    [
      'labels',
      { current: 'whsec_1', previous: 'whsec_2' },
      [
        ['current', 'whsec_1'],
        ['previous', 'whsec_2'],
      ],
    ],
    [
      'a label without a value',
      { current: 'whsec_1', previous: undefined },
      [['current', 'whsec_1']],
    ],
  ])('label the secrets: %s', (_what, secrets, expected) => {
    const resolved = resolve({ secrets }).secrets.map(({ label, value }) => [label, value]);

    expect(resolved).toEqual(expected);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty list', []],
    ['no labels', {}],
    ['only labels without a value', { current: undefined }],
  ])('refuse to start without a secret: %s', (_what, secrets) => {
    expect(() => resolve({ secrets })).toThrow(WebhookConfigurationError);
    expect(() => resolve({ secrets })).toThrow(
      /"connect".*no signing secret.*environment variable/,
    );
  });

  it.each([
    ['default', ''],
    ['default', '  \n'],
    ['1', [SECRET, '']],
    ['0', [undefined, SECRET]],
    ['previous', { current: SECRET, previous: ' ' }],
    ['current', { current: null }],
    ['current', { current: 5 }],
  ])('refuse a blank secret and name it: "%s" of %j', (label, secrets) => {
    expect(() => resolve({ secrets })).toThrow(`its secret "${label}" is blank`);
  });

  it.each([`${SECRET}\n`, ` ${SECRET}`, [SECRET, `${SECRET} `]])(
    'refuse a secret with white space around it, without showing it: %j',
    (secrets) => {
      expect(() => resolve({ secrets })).toThrow(/white space/);
      expect(() => resolve({ secrets })).not.toThrow(/whsec_/);
    },
  );

  it.each([
    ['toleranceSeconds', 0],
    ['toleranceSeconds', -300],
    ['toleranceSeconds', NaN],
    ['toleranceSeconds', Infinity],
    ['toleranceSeconds', '300'],
    ['maxBodyBytes', 0],
    ['maxBodyBytes', -1],
    ['maxBodyBytes', 0.5],
    ['maxBodyBytes', Infinity],
    ['maxBodyBytes', '1mb'],
    ['source', ''],
    ['source', '  '],
    ['source', 7],
  ])('refuse %s: %p, naming the endpoint and the option', (option, value) => {
    expect(() => resolve({ secrets: SECRET, [option]: value })).toThrow(WebhookConfigurationError);
    expect(() => resolve({ secrets: SECRET, [option]: value })).toThrow(
      new RegExp(`"connect".*${option}`),
    );
  });
});

describe('The paths of an endpoint', () => {
  it('are the name below webhooks, unless given', () => {
    expect(resolvePaths('connect', undefined)).toEqual(['webhooks/connect']);
  });

  it('are none where the endpoint is to have no route', () => {
    expect(resolvePaths('connect', false)).toEqual([]);
  });

  it.each([
    'hooks',
    '/hooks/stripe/',
    'tenants/:tenantId/stripe',
    ':tenant',
    '',
    '/',
    'v1.0/a-b_c~d',
    '@me/$x',
    '.well-known/...',
  ])('may be %j', (path) => {
    expect(resolvePaths('connect', path)).toEqual([path]);
  });

  it('may be several', () => {
    expect(resolvePaths('connect', ['a', 'b/:id'])).toEqual(['a', 'b/:id']);
  });

  it.each([
    'hooks/*',
    'hooks/*rest',
    'hooks/:id?',
    'hooks/:id(\\d+)',
    'hooks/:id-:more',
    'hooks/(a|b)',
    'hooks{/:id}',
    'hooks//stripe',
    'hooks/a%20b',
    'hooks/now!',
    '../hooks',
    'hooks/./stripe',
    'hooks/..',
    'hooks?x=1',
    'hooks#x',
    'a b',
    'a\n',
    'hooks/:',
    'hooks/:1',
    '//',
    5,
    ['hooks', 'hooks/*'],
    true,
  ])('are refused when they cannot be served: %j', (path) => {
    const resolving = (): unknown => resolvePaths('connect', path as string);

    expect(resolving).toThrow(WebhookConfigurationError);
    expect(resolving).toThrow(/"connect"[^]*cannot be served/);
  });

  it('are refused when the list is empty', () => {
    expect(() => resolvePaths('connect', [])).toThrow(/"connect"[^]*list of paths is empty/);
  });
});
