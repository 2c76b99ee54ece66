import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import { WebhookConfigurationError } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import type { StripeHandlerOptions } from '../../src/stripe/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookAppOptions } from '../support/build-webhook-app.js';
import { cards, FALLBACK, REQUEST } from '../support/card-app.js';
import { observedEngine } from '../support/observed-engine.js';

const REPLY = { reply: true, fallback: FALLBACK };

/** The decorator as JavaScript has it. */
const Decorator = OnStripeEvent as (
  types: string | readonly string[],
  options: object,
) => MethodDecorator;

function handler(types: string | readonly string[], options: object): Type {
  @Injectable()
  class Handler {
    @Decorator(types, options)
    run(): typeof FALLBACK {
      return FALLBACK;
    }
  }
  return Handler;
}

describe.each(ADAPTERS)('a reply handler that refuses to start on %s', (adapter) => {
  let app: INestApplication;
  afterEach(() => app.close());

  async function refusalOf(
    providers: Type[],
    options: Partial<WebhookAppOptions> = {},
  ): Promise<Error> {
    ({ app } = await buildWebhookApp({ adapter, providers, ...options }));
    const error = await app.init().then(
      () => new Error('The application has started.'),
      (reason: Error) => reason,
    );
    expect(error).toBeInstanceOf(WebhookConfigurationError);
    return error;
  }

  it.each<[what: string, types: string | string[], options: object, message: string]>([
    ['a prefix', 'issuing_authorization.*', REPLY, 'replies to "issuing_authorization.*"'],
    ['every type', '*', REPLY, 'replies to "*"'],
    ['a list with a pattern', [REQUEST, 'invoice.*'], REPLY, 'replies to "invoice.*"'],
    ['no fallback', REQUEST, { reply: true }, 'a fallback that is no JSON object'],
    ['a list as fallback', REQUEST, { reply: true, fallback: [] }, 'that is no JSON object'],
    ['a text as fallback', REQUEST, { reply: true, fallback: 'no' }, 'that is no JSON object'],
    [
      'a date as fallback',
      REQUEST,
      { reply: true, fallback: new Date() },
      'that is no JSON object',
    ],
    ['a deadline of 0', REQUEST, { ...REPLY, deadlineMs: 0 }, 'deadlineMs of handler Handler.run'],
    ['a negative deadline', REQUEST, { ...REPLY, deadlineMs: -1 }, 'deadlineMs of handler'],
    ['a deadline that is no number', REQUEST, { ...REPLY, deadlineMs: '9' }, 'deadlineMs of'],
    ['an endless deadline', REQUEST, { ...REPLY, deadlineMs: Infinity }, 'deadlineMs of handler'],
    ['a lane', REQUEST, { ...REPLY, lane: 'object' }, 'has a lane'],
    ['a timeoutMs', REQUEST, { ...REPLY, timeoutMs: 9 }, 'Its time is deadlineMs'],
    ['a transaction', REQUEST, { ...REPLY, transaction: true }, 'has a transaction'],
  ])('has %s', async (_what, types, options, message) => {
    const error = await refusalOf([handler(types, options)]);

    expect(error.message).toContain('andler Handler.run');
    expect(error.message).toContain(message);
  });

  it.each([{ deadlineMs: 9 }, { fallback: FALLBACK }, { reply: false, fallback: FALLBACK }])(
    'has %j without a reply, as soon as its class is loaded',
    async (options) => {
      ({ app } = await buildWebhookApp({ adapter }));

      expect(() => handler(REQUEST, options)).toThrow(WebhookConfigurationError);
      expect(() => handler(REQUEST, options)).toThrow('belong to { reply: true }');
    },
  );

  it('is one of two of a type, whatever their filters', async () => {
    const error = await refusalOf([
      cards(() => FALLBACK, { livemode: true }),
      handler(['invoice.paid', REQUEST], { ...REPLY, livemode: false }),
    ]);

    expect(error.message).toBe(
      'Cards.decide and Handler.run both reply to issuing_authorization.request at the endpoint "stripe". A ' +
        'request has one answer, whatever the filters: keep one of them, or give each an { endpoint } of its own.',
    );
  });

  it('is one of two at one of the endpoints', async () => {
    const endpoints = [{}, { name: 'connect' }];
    const error = await refusalOf(
      [
        cards(() => FALLBACK, { endpoint: ['stripe', 'connect'] }),
        handler(REQUEST, { ...REPLY, endpoint: 'connect' }),
      ],
      { endpoints },
    );

    expect(error.message).toContain('at the endpoint "connect"');
  });

  it('replies twice to a type, so that it has two fallbacks', async () => {
    @Injectable()
    class Twice {
      @Decorator(REQUEST, { ...REPLY, livemode: true })
      @Decorator([REQUEST, 'invoice.paid'], { ...REPLY, livemode: false })
      run(): typeof FALLBACK {
        return FALLBACK;
      }
    }

    const error = await refusalOf([Twice]);

    expect(error.message).toContain('Twice.run replies twice to issuing_authorization.request');
  });

  it('has another decorator that does not reply', async () => {
    @Injectable()
    class Both {
      @Decorator(REQUEST, REPLY)
      @Decorator('invoice.paid', {})
      run(): typeof FALLBACK {
        return FALLBACK;
      }
    }

    const error = await refusalOf([Both]);

    expect(error.message).toContain(
      'Handler Both.run has a decorator with { reply: true } and one',
    );
  });
});

describe.each(ADAPTERS)('reply handlers that start on %s', (adapter) => {
  function listener(types: string, options: StripeHandlerOptions = {}): Type {
    @Injectable()
    class Listener {
      @Decorator(types, options)
      note(): void {}
    }
    return Listener;
  }

  it('reply to a type at endpoints of their own', async () => {
    const providers = [
      cards(() => ({ approved: true }), { endpoint: 'stripe' }),
      handler(REQUEST, { ...REPLY, endpoint: 'connect' }),
    ];
    const { stripe } = await startWebhookApp({
      adapter,
      providers,
      endpoints: [{}, { name: 'connect', source: 'connect' }],
    });
    const event = { id: 'evt_1', type: REQUEST, object: 'event' };

    const answers = [await stripe().send(event), await stripe('connect').send(event)];

    expect(answers.map(({ body }) => body)).toEqual([{ approved: true }, { approved: false }]);
  });

  it.each([REQUEST, 'issuing_authorization.*', '*'])(
    'warn once of a handler of %s beside them, whose failures nobody retries in memory',
    async (types) => {
      const providers = [cards(() => FALLBACK), listener(types)];
      const { logger } = await startWebhookApp({ adapter, providers });

      expect(logger.ofInbox('warn')).toEqual([
        'Listener.note will not be retried for issuing_authorization.request at the endpoint "stripe": ' +
          'Cards.decide replies to it, so its sender does not send it again, and this engine retries nothing by ' +
          'itself. Use an engine that survives a crash, or another type of event.',
      ]);
    },
  );

  it('warn of nothing where other handlers have other types, or the engine retries', async () => {
    const { engine } = observedEngine({ capabilities: { survives: 'crash' } });
    const others = await startWebhookApp({
      adapter,
      providers: [cards(() => FALLBACK), listener('issuing_authorization.updated')],
    });
    const retried = await startWebhookApp({
      adapter,
      inbox: { engine },
      providers: [cards(() => FALLBACK), listener('*')],
    });

    expect(others.logger.ofInbox('warn')).toEqual([]);
    expect(retried.logger.ofInbox('warn')).toEqual([]);
  });
});
