import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { assertChangeFilter, changeReason } from '../../src/stripe/stripe-change-filter.js';
import type { ChangeFilter } from '../../src/stripe/stripe-change-filter.js';

const event = (object: unknown, previous?: unknown) => ({
  data: { object, ...(previous !== undefined && { previous_attributes: previous }) },
});

describe('A filter of changes', () => {
  it.each<[string, ChangeFilter, unknown]>([
    ['a field', { changed: 'status' }, event({ status: 'b' }, { status: 'a' })],
    ['a field that was empty', { changed: 'email' }, event({ email: 'b' }, { email: null })],
    ['one field of a list', { changed: ['a', 'b'] }, event({ a: 1, b: 2 }, { b: 1 })],
    ['a nested field', { changed: 'a.b' }, event({ a: { b: 2, c: 1 } }, { a: { b: 1 } })],
    ['a nested field of what was empty', { changed: 'a.b' }, event({ a: { b: 2 } }, { a: null })],
    ['from a value', { changed: 'a', from: 1 }, event({ a: 2 }, { a: 1 })],
    ['from nothing', { changed: 'a', from: null }, event({ a: 2 }, { a: null })],
    ['to a value', { changed: 'a', to: 2 }, event({ a: 2 }, { a: 1 })],
    ['to an object', { changed: 'a', to: { b: [1] } }, event({ a: { b: [1] } }, { a: null })],
    ['from and to', { changed: 'a.b', from: 1, to: 2 }, event({ a: { b: 2 } }, { a: { b: 1 } })],
    ['nothing in particular', {}, event({})],
  ])('lets pass %s', (_what, filter, payload) => {
    expect(changeReason(filter, payload)).toBeUndefined();
  });

  it.each<[string, ChangeFilter, unknown, string]>([
    ['no former values', { changed: 'a' }, event({ a: 1 }), 'a did not change'],
    ['no data', { changed: 'a' }, {}, 'a did not change'],
    ['other fields', { changed: ['a', 'b'] }, event({}, { c: 1 }), 'a, b did not change'],
    ['what every object has', { changed: 'toString' }, event({}, {}), 'toString did not change'],
    ['a neighbour', { changed: 'a.b' }, event({ a: { b: 1 } }, { a: { c: 1 } }), 'a.b did not'],
    ['empty on both sides', { changed: 'a.b' }, event({ a: { b: null } }, { a: null }), 'a.b did'],
    ['from another', { changed: 'a', from: 1 }, event({ a: 2 }, { a: 0 }), 'from another value'],
    ['to another', { changed: 'a', to: 1 }, event({ a: 2 }, { a: 0 }), 'to another value'],
  ])('turns away %s', (_what, filter, payload, reason) => {
    expect(changeReason(filter, payload)).toContain(reason);
  });

  it('keeps the values out of the reason', () => {
    const filter = { changed: 'email', to: 'other@example.com' };

    const reason = changeReason(filter, event({ email: 'ada@example.com' }, { email: null }));

    expect(reason).not.toContain('example.com');
  });

  it.each<[ChangeFilter, string]>([
    [{ changed: [] }, 'empty'],
    [{ to: 1 }, 'need one field'],
    [{ changed: ['a', 'b'], from: 1 }, 'need one field'],
  ])('%j refuses to start', (filter, message) => {
    expect(() => assertChangeFilter(filter, '@OnStripeEvent')).toThrow(WebhookConfigurationError);
    expect(() => assertChangeFilter(filter, '@OnStripeEvent')).toThrow(message);
  });
});
