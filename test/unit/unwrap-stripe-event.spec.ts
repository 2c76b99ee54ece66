import { describe, expect, it } from '@jest/globals';
import { MalformedEventError } from '../../src/errors/malformed-event.error.js';
import { unwrapStripeEvent } from '../../src/stripe/unwrap-stripe-event.js';

const EVENT = { id: 'evt_1', object: 'event', type: 'invoice.paid', data: { object: {} } };
const EVENT_BRIDGE = {
  version: '0',
  id: 'bridge-1',
  'detail-type': 'invoice.paid',
  source: 'aws.partner/stripe.com/ed_1',
  detail: EVENT,
};
const EVENT_GRID = { specversion: '1.0', id: 'grid-1', type: 'invoice.paid', data: EVENT };

const CIRCULAR: Record<string, unknown> = { ...EVENT };
CIRCULAR.self = CIRCULAR;

describe('Unwrapping a Stripe event', () => {
  it.each<[string, unknown]>([
    ['an object', EVENT],
    ['an EventBridge envelope', EVENT_BRIDGE],
    ['an EventBridge envelope as text', JSON.stringify(EVENT_BRIDGE)],
    ['an EventBridge envelope as bytes', Buffer.from(JSON.stringify(EVENT_BRIDGE))],
    [
      'an EventBridge envelope with a byte order mark',
      Buffer.from(`\uFEFF${JSON.stringify(EVENT_BRIDGE)}`),
    ],
    ['an Event Grid envelope', EVENT_GRID],
    ['an Event Grid envelope as text', JSON.stringify(EVENT_GRID)],
    ['an Event Grid envelope as bytes', new TextEncoder().encode(JSON.stringify(EVENT_GRID))],
  ])('gives the JSON of the event within %s', (_what, given) => {
    const bytes = unwrapStripeEvent(given);

    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(JSON.parse(bytes.toString())).toEqual(EVENT);
  });

  it('leaves the JSON of an event as it is, byte for byte', () => {
    const text = '{ "id": "evt_1",\n "type": "invoice.paid", "amount": 5.0, "name": "Zo\\u00eb" }';

    expect(unwrapStripeEvent(text).toString()).toBe(text);
    expect(unwrapStripeEvent(Buffer.from(text)).equals(Buffer.from(text))).toBe(true);
    expect(unwrapStripeEvent(new TextEncoder().encode(text)).toString()).toBe(text);
  });

  it('does not take the data of an event for that of an envelope', () => {
    expect(JSON.parse(unwrapStripeEvent(EVENT).toString())).toEqual(EVENT);
  });

  it.each(['', '{', 'invoice.paid', '{"id":"evt_1"', Buffer.from([0xff])])(
    'refuses what is not JSON, without quoting it: %p',
    (given) => {
      const unwrapping = (): unknown => unwrapStripeEvent(given);

      expect(unwrapping).toThrow(MalformedEventError);
      expect(unwrapping).toThrow(
        expect.objectContaining({ code: 'body_not_json', message: 'The body is not JSON.' }),
      );
    },
  );

  it.each([
    undefined,
    null,
    5,
    true,
    [EVENT],
    'null',
    '"text"',
    '[]',
    { detail: null },
    { detail: 'text' },
    { detail: [EVENT] },
    { specversion: '1.0', data: null },
    { specversion: '1.0', data: 'base64' },
  ])('refuses what is no event: %j', (given) => {
    const unwrapping = (): unknown => unwrapStripeEvent(given);

    expect(unwrapping).toThrow(MalformedEventError);
    expect(unwrapping).toThrow(expect.objectContaining({ code: 'event_malformed' }));
  });

  it.each([
    ['one that contains itself', CIRCULAR],
    ['one with a bigint', { ...EVENT, amount: 5n }],
    ['one with a toJSON() that gives none', { ...EVENT, toJSON: () => undefined }],
    ['an envelope around one that contains itself', { detail: CIRCULAR }],
  ])('refuses what cannot be written as JSON: %s', (_what, given) => {
    expect(() => unwrapStripeEvent(given)).toThrow(MalformedEventError);
  });
});
