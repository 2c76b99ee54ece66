import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NonRetriableError, OnWebhook, SkipDelivery } from '../../src/index.js';
import { OnStripeObject } from '../../src/stripe/index.js';
import { manualClock, stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { startStripeApi } from '../support/stripe-api.js';

@Injectable()
class Slow {
  readonly finish = deferred();
  isFinished = false;

  @OnWebhook('stripe', 'invoice.paid')
  async wait(): Promise<void> {
    await this.finish.promise;
    this.isFinished = true;
  }
}

@Injectable()
class Endings {
  @OnWebhook('stripe', '*')
  succeed(): void {}

  @OnWebhook('stripe', '*')
  skip(): void {
    throw new SkipDelivery('not today');
  }

  @OnWebhook('stripe', '*')
  die(): void {
    throw new NonRetriableError('never');
  }
}

@Injectable()
class Failing {
  attempts = 0;

  @OnWebhook('stripe', '*')
  fail(): void {
    this.attempts += 1;
    if (this.attempts === 1) throw new Error('the database is down');
  }
}

describe.each(ADAPTERS)('what a tester waits for on %s', (adapter) => {
  it('is settled when every delivery has come to an end, whichever', async () => {
    const { app, tester, stripe } = await startWebhookApp({ adapter, providers: [Slow, Endings] });
    const sending = stripe().event('invoice.paid');
    await tester.stored('evt_1');

    const settled = tester.settled();
    app.get(Slow).finish.resolve();
    await settled;

    expect(app.get(Slow).isFinished).toBe(true);
    expect((await sending).deliveries.map(({ status }) => status).sort()).toEqual([
      'dead',
      'skipped',
      'succeeded',
      'succeeded',
    ]);
  });

  it('is settled at once where nothing was sent, or only what was refused', async () => {
    const { tester, stripe } = await startWebhookApp({ adapter });

    await tester.settled();
    await stripe().forged().event('invoice.paid');

    await expect(tester.settled()).resolves.toBeUndefined();
  });

  it('says what is not settled when its time is over', async () => {
    const { app, tester, stripe } = await startWebhookApp({ adapter, providers: [Slow] });
    const sending = stripe().event('invoice.paid');
    await tester.stored('evt_1');

    const settled = tester.settled({ withinMs: 20 });

    await expect(settled).rejects.toThrow('Slow.wait of evt_1 (running)');
    app.get(Slow).finish.resolve();
    await sending;
  });

  it('says that the sender has to come again for what failed on the memory engine', async () => {
    const { tester, stripe } = await startWebhookApp({ adapter, providers: [Failing] });
    const event = tester.stripeEvent('invoice.paid');
    await stripe().send(event);

    const settled = tester.settled();

    await expect(settled).rejects.toThrow(
      'evt_1 is not settled: failed are Failing.fail (Error: the database is down).',
    );
    await stripe().send(event);
    await expect(tester.settled()).resolves.toBeUndefined();
  });

  it("gives one delivery when it is settled, before the event's others", async () => {
    const { app, tester, stripe } = await startWebhookApp({
      adapter,
      providers: [Endings, Slow],
    });
    const delivery = tester.delivery('evt_late', 'Endings.skip');

    const sending = stripe().event('invoice.paid', { id: 'evt_late' });

    expect(await delivery).toMatchObject({ status: 'skipped', reason: 'not today', attempts: 1 });
    expect(app.get(Slow).isFinished).toBe(false);
    app.get(Slow).finish.resolve();
    await sending;
  });

  it('gives a failed delivery where nothing retries it', async () => {
    const { tester, stripe } = await startWebhookApp({ adapter, providers: [Failing] });
    await stripe().event('invoice.paid');

    const delivery = await tester.delivery('evt_1', 'Failing.fail');

    expect(delivery).toMatchObject({ status: 'failed', attempts: 1 });
  });

  it('rejects a handler that is unknown, and one that the event is not for', async () => {
    const { tester, stripe } = await startWebhookApp({ adapter, providers: [Slow, Failing] });
    await stripe().send(stripeEvent('charge.failed', { id: 'evt_1' }));

    await expect(tester.delivery('evt_1', 'Fast.wait')).rejects.toThrow(
      'There is no handler Fast.wait. Handlers are: Slow.wait, Failing.fail.',
    );
    await expect(tester.delivery('evt_1', 'Slow.wait')).rejects.toThrow(
      'charge.failed evt_1 has no delivery for Slow.wait. It has deliveries for: Failing.fail.',
    );
  });

  it('says so when an event does not come', async () => {
    const { tester } = await startWebhookApp({ adapter, providers: [Slow] });

    const stored = tester.stored('evt_never', { withinMs: 10 });
    const delivery = tester.delivery('evt_never', 'Slow.wait', { withinMs: 10 });

    await expect(stored).rejects.toThrow('No event evt_never was stored within 10 ms');
    await expect(delivery).rejects.toThrow('evt_never to Slow.wait is not settled within 10 ms');
  });

  it('lets a manual clock end a burst', async () => {
    const api = await startStripeApi();
    const seen: unknown[] = [];
    @Injectable()
    class Customers {
      @OnStripeObject('customer', { coalesceMs: 20_000 })
      latest(customer: unknown): void {
        seen.push(customer);
      }
    }
    const clock = manualClock();
    const { tester, stripe } = await startWebhookApp({
      adapter,
      clock,
      endpoints: [{ client: api.client }],
      providers: [Customers],
    });

    const sending = [1, 2].map(() =>
      stripe().event('customer.updated', { object: { id: 'cus_1' } }),
    );
    await Promise.all([tester.stored('evt_1'), tester.stored('evt_2')]);
    await clock.advance(20_000);
    await tester.settled();
    await api.close();

    expect(seen).toMatchObject([{ id: 'cus_1' }]);
    expect((await Promise.all(sending)).map(({ status }) => status)).toEqual([200, 200]);
  });
});
