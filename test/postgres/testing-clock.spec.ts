import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import {
  OnWebhook,
  RetryAfterError,
  WEBHOOK_INBOX_CLOCK,
  WebhookInbox,
  WebhookInboxAdmin,
} from '../../src/index.js';
import type { Clock, WebhookContext } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import type { PostgresEngineOptions } from '../../src/postgres/index.js';
import { OnStripeObject } from '../../src/stripe/index.js';
import { manualClock } from '../../src/testing/index.js';
import type { ManualClock } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { WebhookApp } from '../support/build-webhook-app.js';
import { startStripeApi } from '../support/stripe-api.js';
import type { StripeApi } from '../support/stripe-api.js';
import { testDirectory } from './test-directory.js';
import { createTestSchema } from './test-schema.js';

// The first start of an embedded PostgreSQL makes its files, which takes seconds.
jest.setTimeout(60_000);

const START_MS = Date.UTC(2031, 0, 1);
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const BURST_MS = 20_000;
/** Real time does not come to it. */
const RETRY = { minDelayMs: HOUR_MS, maxDelayMs: HOUR_MS };

@Injectable()
class Handlers {
  readonly runs: [handler: string, atMs: number][] = [];

  constructor(@Inject(WEBHOOK_INBOX_CLOCK) private readonly clock: Clock) {}

  @OnWebhook('stripe', 'invoice.paid', { id: 'failing once' })
  failOnce(_event: unknown, { attempt }: WebhookContext): void {
    this.#note('failing once');
    if (attempt === 1) throw new Error('not yet');
  }

  @OnWebhook('stripe', 'invoice.voided', { id: 'later' })
  later(_event: unknown, { attempt }: WebhookContext): void {
    this.#note('later');
    if (attempt === 1) throw new RetryAfterError(2 * DAY_MS);
  }

  @OnStripeObject('customer', { id: 'burst', coalesceMs: BURST_MS })
  latest(): void {
    this.#note('burst');
  }

  @OnWebhook('stripe', 'charge.failed', { id: 'quick' })
  quick(): void {}

  #note(handler: string): void {
    this.runs.push([handler, this.clock.now()]);
  }
}

describe.each(ADAPTERS)('a manual clock on PostgreSQL with %s', (adapter) => {
  let api: StripeApi;
  beforeAll(async () => {
    api = await startStripeApi();
  });
  afterAll(() => api.close());

  const start = async (
    clock: ManualClock,
    target: PostgresEngineOptions = createTestSchema(),
  ): Promise<WebhookApp & { runs: Handlers['runs'] }> => {
    const webhookApp = await startWebhookApp({
      adapter,
      clock,
      endpoints: [{ client: api.client }],
      providers: [Handlers],
      inbox: { engine: postgresEngine(target), retry: RETRY },
    });
    return { ...webhookApp, runs: webhookApp.app.get(Handlers).runs };
  };

  it('runs a failed delivery again at its time, and not before', async () => {
    const clock = manualClock(START_MS);
    const { tester, stripe, runs } = await start(clock);
    await stripe().event('invoice.paid', { id: 'evt_paid' });
    const failed = await tester.delivery('evt_paid', 'failing once');
    const dueInMs = failed.retryAt!.getTime() - START_MS;

    await clock.advance(dueInMs - 1);
    // The worker takes all that is due.
    await stripe().event('charge.failed', { id: 'evt_other' });
    await tester.delivery('evt_other', 'quick');
    const runsBefore = [...runs];
    await clock.advance(1);
    await tester.settled();

    expect(failed).toMatchObject({ status: 'failed', attempts: 1 });
    expect(runsBefore).toEqual([['failing once', START_MS]]);
    expect(runs).toEqual([...runsBefore, ['failing once', START_MS + dueInMs]]);
  });

  it('says what has failed and how far it is to be moved', async () => {
    const clock = manualClock(START_MS);
    const { tester, stripe } = await start(clock);
    await stripe().event('invoice.voided', { id: 'evt_1' });

    const settled = tester.settled();

    await expect(settled).rejects.toThrow(
      `run again when the clock is moved: clock.advance(${2 * DAY_MS})`,
    );
    await clock.advance(2 * DAY_MS);
    await expect(tester.settled()).resolves.toBeUndefined();
  });

  it('ends a burst, which is run once', async () => {
    const clock = manualClock(START_MS);
    const { tester, stripe, runs } = await start(clock);
    for (const id of ['evt_1', 'evt_2']) {
      await stripe().event('customer.updated', { id, object: { id: 'cus_1' } });
    }

    await clock.advance(BURST_MS);
    await tester.settled();

    expect(runs).toEqual([['burst', START_MS + BURST_MS]]);
  });

  it('goes on where it was when the application starts anew', async () => {
    const schema = createTestSchema();
    const clock = manualClock(START_MS);
    const first = await start(clock, schema);
    await first.stripe().event('invoice.voided', { id: 'evt_1' });
    await first.tester.delivery('evt_1', 'later');
    await first.app.close();

    const { tester, runs } = await start(clock, schema);
    const waiting = await tester.delivery('evt_1', 'later');
    await clock.advance(2 * DAY_MS);

    expect(waiting.status).toBe('failed');
    expect(await tester.delivery('evt_1', 'later')).toMatchObject({ status: 'succeeded' });
    expect(runs).toEqual([['later', START_MS + 2 * DAY_MS]]);
  });

  it('refuses what has become stale by it', async () => {
    const clock = manualClock(START_MS);
    const { tester, stripe } = await start(clock);
    const event = tester.stripeEvent('charge.failed');
    await clock.advance(301_000);

    const late = await stripe().send(event, { timestamp: START_MS / 1000 });
    const fresh = await stripe().send(event);

    expect([late.status, fresh.status]).toEqual([400, 200]);
  });

  it('lets bodies and then ids come to their age', async () => {
    const clock = manualClock(START_MS);
    const { app, tester, stripe } = await start(clock);
    await stripe().event('charge.failed', { id: 'evt_old' });
    await tester.settled();
    const inbox = app.get(WebhookInbox);
    const replay = () => app.get(WebhookInboxAdmin).replay({ type: 'charge.failed' });

    const replayedBefore = await replay();
    await tester.settled();
    await clock.advance(31 * DAY_MS);
    const replayed = await replay();
    const found = await inbox.find('stripe', 'evt_old');
    await clock.advance(5 * DAY_MS);

    expect(replayedBefore).toMatchObject({ deliveries: 1 });
    expect(replayed).toMatchObject({ deliveries: 0, withoutBody: 1 });
    expect(found?.id).toBe('evt_old');
    expect(await inbox.find('stripe', 'evt_old')).toBeUndefined();
  });

  it('drives the embedded one as well', async () => {
    const clock = manualClock(START_MS);
    const { tester, stripe, runs } = await start(clock, { embedded: await testDirectory() });
    await stripe().event('invoice.voided', { id: 'evt_1' });
    await stripe().event('customer.updated', { object: { id: 'cus_1' } });
    await tester.delivery('evt_1', 'later');

    await clock.advance(2 * DAY_MS);
    await tester.settled();

    expect(runs).toContainEqual(['burst', expect.any(Number)]);
    expect(runs).toContainEqual(['later', START_MS + 2 * DAY_MS]);
  });
});
