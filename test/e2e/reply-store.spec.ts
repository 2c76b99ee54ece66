import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { WEBHOOK_INBOX_ENGINE } from '../../src/index.js';
import type { WebhookEngine } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import {
  APPROVED,
  cardRequest,
  FALLBACK,
  post,
  REQUEST,
  startCardApp,
} from '../support/card-app.js';
import { deferred } from '../support/deferred.js';
import { observedEngine } from '../support/observed-engine.js';

/** A class `Audit` with another handler of the same events. */
function audit(run: () => unknown): Type {
  @Injectable()
  class Audit {
    @OnStripeEvent(REQUEST)
    note(): unknown {
      return run();
    }
  }
  return Audit;
}

describe.each(ADAPTERS)('storing what was replied to on %s', (adapter) => {
  it('runs the other handlers after the answer, which does not wait for them', async () => {
    const held = deferred();
    const responses: ServerResponse[] = [];
    const wasAnswered: boolean[] = [];
    const { app, stripe } = await startCardApp(() => APPROVED, {
      adapter,
      providers: [
        audit(async () => {
          wasAnswered.push(responses[0]!.writableEnded);
          await held.promise;
        }),
      ],
    });
    app.getHttpServer().on('request', (_request: unknown, response: ServerResponse) => {
      responses.push(response);
    });
    const event = cardRequest();

    const { body, deliveries } = await stripe().send(event);
    held.resolve();
    const settled = await app.get<WebhookEngine>(WEBHOOK_INBOX_ENGINE).attempted({
      source: 'stripe',
      id: event.id,
    });

    expect(body).toEqual(APPROVED);
    expect(deliveries).toMatchObject([
      { handler: 'Cards.decide', status: 'succeeded', reply: APPROVED },
      { handler: 'Audit.note', status: 'running' },
    ]);
    expect(wasAnswered).toEqual([true]);
    expect(settled?.deliveries).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }]);
  });

  it('runs another handler that failed again when the event is repeated', async () => {
    let runs = 0;
    const { stripe } = await startCardApp(() => APPROVED, {
      adapter,
      providers: [
        audit(() => {
          runs += 1;
          if (runs === 1) throw new Error('not now');
        }),
      ],
    });
    const event = cardRequest();

    const answers = [await stripe().send(event), await stripe().send(event)];

    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual([
      { status: 200, body: APPROVED },
      { status: 200, body: APPROVED },
    ]);
    expect(runs).toBe(2);
  });

  it('may fail: the reply is sent all the same, and the log says that it is not kept', async () => {
    const { engine } = observedEngine({
      accept: () => Promise.reject(new Error('no route to the database')),
    });
    const { logger, stripe } = await startCardApp(() => APPROVED, { adapter, inbox: { engine } });

    const { status, body } = await stripe().send(
      cardRequest({ id: 'evt_1', object: { id: 'iauth_secret' } }),
    );

    expect({ status, body }).toEqual({ status: 200, body: APPROVED });
    expect(logger.ofInbox('error')).toEqual([
      'The reply of Cards.decide to issuing_authorization.request evt_1 was sent, and could not be stored: the ' +
        'inbox does not know of it, and other handlers do not get the event. Error: no route to the database',
    ]);
    expect(logger.lines.map(({ text }) => text).join()).not.toContain('iauth_secret');
  });

  it('has to know what was stored before: where that hangs, the fallback is sent in time', async () => {
    let runs = 0;
    const asked = deferred();
    const { engine } = observedEngine({
      find: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const { app, clock, logger } = await startCardApp(
      () => {
        runs += 1;
        return APPROVED;
      },
      { adapter, inbox: { engine } },
    );

    const answered = post(app, cardRequest(), clock.now());
    await asked.promise;
    await clock.advance(1_500);

    expect(await answered).toMatchObject({ status: 200, body: FALLBACK });
    expect(runs).toBe(0);
    expect(logger.ofInbox('error')).toEqual([expect.stringContaining('HandlerTimeoutError')]);
  });

  it('has to know what was stored before: where that fails, the fallback is sent', async () => {
    let runs = 0;
    const { engine } = observedEngine({
      find: () => Promise.reject(new Error('no route to the database')),
    });
    const { app, clock, logger } = await startCardApp(
      () => {
        runs += 1;
        return APPROVED;
      },
      { adapter, inbox: { engine } },
    );

    const answer = await post(app, cardRequest(), clock.now());

    expect(answer).toMatchObject({ status: 200, body: FALLBACK });
    expect(runs).toBe(0);
    expect(logger.ofInbox('error')).toEqual([expect.stringContaining('no route to the database')]);
  });
});
