import { describe, expect, it } from '@jest/globals';
import type { WebhookHandler } from '../../src/handlers/webhook-handler.interface.js';
import { WebhookHandlerRegistry } from '../../src/handlers/webhook-handler.registry.js';
import type { WebhookSubscription } from '../../src/handlers/webhook-subscription.interface.js';
import type { WebhookEvent } from '../../src/inbox/webhook-event.interface.js';

const ENDPOINTS = [
  { name: 'stripe', sender: 'stripe' },
  { name: 'connect', sender: 'stripe' },
  { name: 'clerk', sender: 'standard-webhooks' },
];

function handler(id: string, ...subscriptions: WebhookSubscription[]): WebhookHandler {
  return {
    id,
    subscriptions,
    timeoutMs: undefined,
    retry: undefined,
    ack: undefined,
    isTransactional: false,
    takesSeveralFormats: false,
    load: undefined,
    isReply: false,
    method: 'handle',
    instanceFor: () => ({}),
  };
}

function on(...types: string[]): WebhookSubscription {
  return { sender: 'stripe', types };
}

function registry(...handlers: WebhookHandler[]): WebhookHandlerRegistry {
  const registered = new WebhookHandlerRegistry();
  registered.replace(handlers, ENDPOINTS);
  return registered;
}

function event(type: string, fields: Partial<WebhookEvent> = {}): WebhookEvent {
  return {
    source: 'stripe',
    id: 'evt_1',
    type,
    endpoint: 'stripe',
    receivedAt: new Date(0),
    arrivedBy: 'http',
    secretLabel: 'default',
    headers: {},
    rawBody: Buffer.alloc(0),
    ...fields,
  };
}

/** Which types of these the pattern wants. */
function wanted(pattern: string, types: readonly string[]): string[] {
  const handlers = registry(handler('a', on(pattern)));
  return types.filter((type) => handlers.match(event(type), undefined).length > 0);
}

describe('The handlers that an event is for', () => {
  it('are those of exactly its type', () => {
    const types = ['invoice.paid', 'invoice.paid.late', 'invoice.pai', 'Invoice.paid', 'invoice'];

    expect(wanted('invoice.paid', types)).toEqual(['invoice.paid']);
  });

  it('are those of a prefix of whole words', () => {
    const types = [
      'invoice.paid',
      'invoice.a.b',
      'invoice',
      'invoices.paid',
      'invoice_payment.paid',
    ];

    expect(wanted('invoice.*', types)).toEqual(['invoice.paid', 'invoice.a.b']);
  });

  it('are those of everything', () => {
    const types = ['invoice.paid', 'x', 'v2.core.account[identity].updated'];

    expect(wanted('*', types)).toEqual(types);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype'])(
    'are none for the type %s, unless a handler asks for it',
    (type) => {
      expect(registry(handler('a', on('invoice.paid'))).match(event(type), undefined)).toEqual([]);
      expect(wanted(type, [type])).toEqual([type]);
    },
  );

  it.each(['constructor', '__proto__'])('are none at an endpoint called %s', (endpoint) => {
    const handlers = registry(handler('a', on('*')));

    expect(handlers.match(event('invoice.paid', { endpoint }), undefined)).toEqual([]);
    expect(handlers.ofEndpoint(endpoint)).toEqual([]);
    expect(handlers.get(endpoint)).toBeUndefined();
  });

  it('are each once, however many of their subscriptions match', () => {
    const handlers = registry(
      handler('a', on('invoice.paid', 'invoice.*'), on('*')),
      handler('b', on('*')),
    );

    expect(handlers.match(event('invoice.paid'), undefined)).toEqual([
      { handler: 'a' },
      { handler: 'b' },
    ]);
  });

  it('are those of the sender’s endpoints', () => {
    const handlers = registry(handler('a', on('*')));
    const at = (endpoint: string): unknown => handlers.match(event('x', { endpoint }), undefined);

    expect([at('stripe'), at('connect'), at('clerk')]).toEqual([
      [{ handler: 'a' }],
      [{ handler: 'a' }],
      [],
    ]);
  });

  it('are those of the endpoints that they name, of whichever sender', () => {
    const handlers = registry(
      handler('connected', { sender: 'stripe', endpoints: ['connect'], types: ['*'] }),
      handler('untyped', { endpoints: ['connect', 'clerk'], types: ['*'] }),
    );
    const at = (endpoint: string): string[] =>
      handlers.match(event('x', { endpoint }), undefined).map(({ handler: id }) => id);

    expect([at('stripe'), at('connect'), at('clerk')]).toEqual([
      [],
      ['connected', 'untyped'],
      ['untyped'],
    ]);
  });

  it('are skipped for the reason that their filter gives', () => {
    const handlers = registry(
      handler('a', { ...on('*'), skipReason: ({ type }) => `not ${type}` }),
      handler('b', { ...on('*'), skipReason: () => undefined }),
    );

    expect(handlers.match(event('x'), undefined)).toEqual([
      { handler: 'a', skipReason: 'not x' },
      { handler: 'b' },
    ]);
  });

  it('are wanted when any of their subscriptions wants the event', () => {
    const skipping = { ...on('x'), skipReason: () => 'no' };

    expect(registry(handler('a', skipping, on('*'))).match(event('x'), undefined)).toEqual([
      { handler: 'a' },
    ]);
    expect(registry(handler('a', on('x'), skipping)).match(event('x'), undefined)).toEqual([
      { handler: 'a' },
    ]);
  });

  it('are skipped for the first reason when all their subscriptions turn it away', () => {
    const first = { ...on('x'), skipReason: () => 'first' };
    const second = { ...on('x'), skipReason: () => 'second' };

    expect(registry(handler('a', first, second)).match(event('x'), undefined)).toEqual([
      { handler: 'a', skipReason: 'first' },
    ]);
  });

  it('are all skipped when the endpoint turns it away, and no others are named', () => {
    const handlers = registry(
      handler('a', on('x')),
      handler('b', { ...on('x'), skipReason: () => 'own reason' }),
      handler('c', on('y')),
    );

    expect(handlers.match(event('x'), 'of the other mode')).toEqual([
      { handler: 'a', skipReason: 'of the other mode' },
      { handler: 'b', skipReason: 'of the other mode' },
    ]);
  });
});

describe('The registry of handlers', () => {
  it('finds a handler by its id', () => {
    const a = handler('a', on('*'));

    expect(registry(a).get('a')).toBe(a);
    expect(registry(a).get('b')).toBeUndefined();
  });

  it('says what listens to an endpoint, each handler with all its types', () => {
    const handlers = registry(
      handler('a', on('invoice.paid', 'invoice.*'), on('*')),
      handler('b', { endpoints: ['clerk'], types: ['user.created'] }),
    );

    expect(handlers.ofEndpoint('stripe')).toEqual([
      { id: 'a', types: ['invoice.paid', 'invoice.*', '*'] },
    ]);
    expect(handlers.ofEndpoint('clerk')).toEqual([{ id: 'b', types: ['user.created'] }]);
  });

  it('forgets the handlers of before when they are replaced', () => {
    const handlers = registry(handler('old', on('*')));

    handlers.replace([handler('new', on('*'))], ENDPOINTS);

    expect(handlers.get('old')).toBeUndefined();
    expect(handlers.match(event('x'), undefined)).toEqual([{ handler: 'new' }]);
  });

  it('names the change of an event to handlers of several formats', () => {
    const changeOf = ({ id }: WebhookEvent) => ({ id, format: 'snapshot' });
    const ofOne = handler('one', { ...on('invoice.paid'), changeOf });
    const ofBoth = {
      ...handler('both', { ...on('invoice.paid'), changeOf }),
      takesSeveralFormats: true,
    };

    const wanted = registry(ofOne, ofBoth).match(event('invoice.paid'), undefined);

    expect(wanted).toEqual([
      { handler: 'one' },
      { handler: 'both', change: { id: 'evt_1', format: 'snapshot' } },
    ]);
  });
});
