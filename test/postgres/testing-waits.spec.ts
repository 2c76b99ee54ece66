import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import { postgresEngine } from '../../src/postgres/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import { deferred } from '../support/deferred.js';
import { createTestSchema, testPool } from './test-schema.js';

@Injectable()
class Handlers {
  readonly finish = deferred<void>();
  readonly attempts: number[] = [];

  @OnWebhook('stripe', 'invoice.paid', { id: 'quick' })
  quick(): void {}

  @OnWebhook('stripe', 'invoice.paid', { id: 'slow' })
  slow(): Promise<void> {
    return this.finish.promise;
  }

  @OnWebhook('stripe', 'invoice.voided', { id: 'flaky' })
  fail(): void {
    this.attempts.push(1);
    if (this.attempts.length < 3) throw new Error('not yet');
  }
}

describe.each(ADAPTERS)('what a tester waits for on PostgreSQL with %s', (adapter) => {
  const start = (schema = createTestSchema(), worker = true) =>
    startWebhookApp({
      adapter,
      providers: [Handlers],
      inbox: { engine: postgresEngine(schema), worker, retry: { minDelayMs: 1, maxDelayMs: 5 } },
    });

  it("gives one delivery when it is settled, while another of the event's runs", async () => {
    const { app, tester, stripe } = await start();
    await stripe().event('invoice.paid');

    const delivery = await tester.delivery('evt_1', 'quick', { withinMs: 20_000 });

    expect(delivery.status).toBe('succeeded');
    app.get(Handlers).finish.resolve();
    await tester.settled();
    expect(await tester.delivery('evt_1', 'slow')).toMatchObject({ status: 'succeeded' });
  });

  it('is settled when the engine has retried what failed', async () => {
    const { app, tester, stripe } = await start();
    await stripe().event('invoice.voided');

    await tester.settled({ withinMs: 20_000 });

    expect(app.get(Handlers).attempts).toHaveLength(3);
  });

  it('sees what another process has settled', async () => {
    const schema = createTestSchema();
    const { tester, stripe } = await start(schema, false);
    await stripe().event('invoice.voided');
    const delivery = tester.delivery('evt_1', 'flaky', { withinMs: 20_000 });
    const settled = tester.settled({ withinMs: 20_000 });

    await testPool().query(`UPDATE ${schema.schema}.webhook_delivery SET status = 'dead'`);

    expect(await delivery).toMatchObject({ status: 'dead' });
    await expect(settled).resolves.toBeUndefined();
  });
});
