import { describe, expect, it } from '@jest/globals';
import { normalizePath, RoutePaths } from '../../src/raw-body/route-paths.js';

function paths(routes: Record<string, string>): RoutePaths {
  const routePaths = new RoutePaths();
  for (const [path, endpoint] of Object.entries(routes)) routePaths.add(path, endpoint);
  return routePaths;
}

describe('The paths of the captured routes', () => {
  it.each([
    '/webhooks/stripe',
    '/webhooks/stripe/',
    '/WebHooks/STRIPE',
    '/webhooks/stripe?live=1',
    '/webhooks/stripe/?',
    '/webhooks/stripe?path=/other',
  ])('find the endpoint of %s', (url) => {
    expect(paths({ '/webhooks/stripe': 'stripe' }).find(url)).toBe('stripe');
  });

  it.each([
    '/webhooks',
    '/webhooks/stripe/connect',
    '/webhooks/stripes',
    '/api/webhooks/stripe',
    '//webhooks/stripe',
    '/?/webhooks/stripe',
    '/',
    '',
  ])('find no endpoint for %s', (url) => {
    expect(paths({ '/webhooks/stripe': 'stripe' }).find(url)).toBeUndefined();
  });

  it.each([
    ['webhooks/stripe', '/webhooks/stripe'],
    ['/webhooks/stripe/', '/webhooks/stripe'],
    ['/Webhooks/Stripe', '/webhooks/stripe'],
    ['/', '/'],
    ['', '/'],
  ])('may be registered as %j and reached at %s', (path, url) => {
    expect(paths({ [path]: 'stripe' }).find(url)).toBe('stripe');
  });

  it('tell endpoints apart', () => {
    const found = paths({ '/webhooks/stripe': 'stripe', '/webhooks/stripe/connect': 'connect' });

    expect(found.find('/webhooks/stripe')).toBe('stripe');
    expect(found.find('/webhooks/stripe/connect')).toBe('connect');
  });

  it('match exactly one segment with a parameter', () => {
    const found = paths({ '/tenants/:tenantId/stripe': 'stripe' });

    expect(found.find('/Tenants/a-b.c/stripe/?x=1')).toBe('stripe');
    expect(found.find('/tenants//stripe')).toBeUndefined();
    expect(found.find('/tenants/a/b/stripe')).toBeUndefined();
    expect(found.find('/tenants/stripe')).toBeUndefined();
    expect(found.find('/tenants/a/stripe/more')).toBeUndefined();
  });

  it('prefer a literal path to one with a parameter', () => {
    const found = paths({ '/hooks/:name': 'any', '/hooks/stripe': 'stripe' });

    expect(found.find('/hooks/stripe')).toBe('stripe');
    expect(found.find('/hooks/other')).toBe('any');
  });

  it('take characters literally that mean something in a regular expression', () => {
    const found = paths({ '/v1.0/:id/a+b$': 'stripe' });

    expect(found.find('/v1.0/7/a+b$')).toBe('stripe');
    expect(found.find('/v1x0/7/a+b$')).toBeUndefined();
    expect(found.find('/v1.0/7/aab')).toBeUndefined();
  });

  it('find nothing among no routes, also what every object has', () => {
    const found = paths({});

    expect(found.find('/')).toBeUndefined();
    expect(found.find('/constructor')).toBeUndefined();
    expect(paths({ '/a': 'a' }).find('/__proto__')).toBeUndefined();
  });
});

describe('A normal path', () => {
  it('has one slash before it, none after it, and lower case', () => {
    expect(['A/b/', '/a/b', 'a/b', '/'].map(normalizePath)).toEqual(['/a/b', '/a/b', '/a/b', '/']);
  });
});
