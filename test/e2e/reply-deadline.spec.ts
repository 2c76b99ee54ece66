import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { HandlerTimeoutError, WebhookInbox } from '../../src/index.js';
import type { StripeWebhookContext } from '../../src/stripe/index.js';
import { signStripe } from '../../src/testing/index.js';
import { ADAPTERS } from '../support/build-webhook-app.js';
import { APPROVED, cardRequest, FALLBACK, startCardApp } from '../support/card-app.js';
import { deferred } from '../support/deferred.js';
import { postHead, RawConnection } from '../support/raw-connection.js';
import { watchedClock } from '../support/watched-clock.js';

const DEADLINE_MS = 1_500;
const TIMED_OUT = {
  name: 'HandlerTimeoutError',
  code: 'handler_timeout',
  message: 'Cards.decide did not finish within 1500 ms.',
};
const NEVER = new Promise<never>(() => {});

let connection: RawConnection | undefined;
afterEach(() => connection?.destroy());

/** Sends the head and the first half of a signed request; what it gives sends the rest. */
async function startUpload(
  app: INestApplication,
  event: object,
  nowMs: number,
): Promise<() => Promise<void>> {
  const body = Buffer.from(JSON.stringify(event));
  const timestamp = Math.floor(nowMs / 1000);
  const { port } = app.getHttpServer().address() as AddressInfo;
  connection = await RawConnection.open(`http://127.0.0.1:${port}`);
  const signature = signStripe({ body, secret: 'whsec_stripe', timestamp });
  await connection.write(
    postHead('/webhooks/stripe', [
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `Stripe-Signature: ${signature}`,
    ]),
  );
  await connection.write(body.subarray(0, body.length / 2));
  return () => connection!.write(body.subarray(body.length / 2));
}

describe.each(ADAPTERS)('the deadline of a reply on %s', (adapter) => {
  it('has the fallback sent for a handler that hangs and ignores its signal', async () => {
    const started = deferred<StripeWebhookContext>();
    const { clock, stripe } = await startCardApp(
      (_event, context) => {
        started.resolve(context);
        return NEVER;
      },
      { adapter },
    );

    const answered = stripe().send(cardRequest());
    const { signal } = await started.promise;
    await clock.advance(DEADLINE_MS - 1);
    const wasAborted = signal.aborted;
    await clock.advance(1);

    const { status, body, deliveries } = await answered;
    expect({ status, body }).toEqual({ status: 200, body: FALLBACK });
    expect(wasAborted).toBe(false);
    expect(signal.reason).toBeInstanceOf(HandlerTimeoutError);
    expect(deliveries).toMatchObject([
      { status: 'dead', attempts: 1, error: TIMED_OUT, reply: FALLBACK },
    ]);
  });

  it('refuses what a handler returns after it, also at once when the signal says so', async () => {
    const started = deferred();
    const { app, clock, stripe } = await startCardApp(
      (_event, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(APPROVED));
          started.resolve();
        }),
      { adapter },
    );
    const event = cardRequest();

    const answered = stripe().send(event);
    await started.promise;
    await clock.advance(DEADLINE_MS);

    expect((await answered).body).toEqual(FALLBACK);
    const stored = await app.get(WebhookInbox).find('stripe', event.id);
    expect(stored?.deliveries).toMatchObject([{ status: 'dead', reply: FALLBACK }]);
  });

  it('takes what a handler returns before it', async () => {
    const started = deferred();
    const decided = deferred<typeof APPROVED>();
    const { clock, stripe } = await startCardApp(
      () => {
        started.resolve();
        return decided.promise;
      },
      { adapter },
    );

    const answered = stripe().send(cardRequest());
    await started.promise;
    await clock.advance(DEADLINE_MS - 1);
    decided.resolve(APPROVED);

    expect((await answered).body).toEqual(APPROVED);
  });

  it('is what the handler says', async () => {
    const started = deferred();
    const { clock, stripe } = await startCardApp(
      () => {
        started.resolve();
        return NEVER;
      },
      { adapter },
      { deadlineMs: 20 },
    );

    const answered = stripe().send(cardRequest());
    await started.promise;
    await clock.advance(20);

    const { body, deliveries } = await answered;
    expect(body).toEqual(FALLBACK);
    expect(deliveries).toMatchObject([
      { error: { message: 'Cards.decide did not finish within 20 ms.' } },
    ]);
  });

  it('counts from the first byte of a slow upload', async () => {
    const started = deferred();
    const { app, clock } = await startCardApp(
      () => {
        started.resolve();
        return NEVER;
      },
      { adapter },
    );

    const sendRest = await startUpload(app, cardRequest(), clock.now());
    await headRead(app);
    await clock.advance(1_000);
    await sendRest();
    await started.promise;
    await clock.advance(500);

    expect(await connection!.answer()).toMatchObject({ status: 200, body: FALLBACK });
  });

  it('runs nothing for an upload that has used up the time, and keeps why', async () => {
    let runs = 0;
    const { app, clock, logger } = await startCardApp(
      () => {
        runs += 1;
        return APPROVED;
      },
      { adapter },
    );
    const event = cardRequest();

    const sendRest = await startUpload(app, event, clock.now());
    await headRead(app);
    await clock.advance(DEADLINE_MS);
    await sendRest();

    expect(await connection!.answer()).toMatchObject({ status: 200, body: FALLBACK });
    expect(runs).toBe(0);
    const stored = await app.get(WebhookInbox).find('stripe', event.id);
    expect(stored?.deliveries).toMatchObject([
      { status: 'dead', attempts: 0, error: TIMED_OUT, reply: FALLBACK },
    ]);
    expect(logger.ofInbox('error')).toEqual([
      expect.stringMatching(/^Cards\.decide gave up on issuing_authorization\.request evt_/),
    ]);
  });

  it('leaves no timer behind', async () => {
    const clock = watchedClock();
    const { stripe } = await startCardApp(() => APPROVED, { adapter, clock });

    await stripe().send(cardRequest());

    expect(clock.pendingDelaysMs()).toEqual([]);
  });
});

/** Resolves when the server has seen the head of the next request. */
function headRead(app: INestApplication): Promise<unknown> {
  return new Promise((resolve) => app.getHttpServer().once('request', resolve));
}
