import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { memoryEngine, OnWebhook, WebhookInboxAdmin } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import { observedEngine } from '../support/observed-engine.js';

@Injectable()
class Broken {
  @OnWebhook('nowhere', '*')
  run(): void {}
}

describe.each(ADAPTERS)('the engine of an application on %s', (adapter) => {
  it('starts and stops with it, and consumes with its concurrency', async () => {
    const { engine, calls } = observedEngine();
    const { app, stripe } = await buildWebhookApp({ adapter, inbox: { engine, concurrency: 3 } });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));
    await app.close();

    expect(calls).toEqual(['start', 'consume 3', 'accept evt_1', 'stop']);
  });

  it('is not started where a handler refuses to start', async () => {
    const { engine, calls } = observedEngine();
    const { app } = await buildWebhookApp({ adapter, inbox: { engine }, providers: [Broken] });

    await expect(app.init()).rejects.toThrow('"nowhere"');

    expect(calls).toEqual([]);
    await app.close();
  });

  it('may forget events before they are answered: what nobody wants is taken all the same', async () => {
    const engine = memoryEngine({ maxEvents: 1 });
    const { app } = await startWebhookApp({ adapter, inbox: { engine } });
    const admin = app.get(WebhookInboxAdmin);
    const ids = Array.from({ length: 10 }, (_each, index) => `evt_${index}`);

    const received = await Promise.all(
      ids.map((id) =>
        admin.receive({ endpoint: 'stripe', event: stripeEvent('invoice.paid', { id }) }),
      ),
    );

    expect(received).toEqual(
      ids.map((id) => expect.objectContaining({ id, type: 'invoice.paid', deliveries: [] })),
    );
  });

  it('is answered for with 503, without detail, when it cannot store', async () => {
    const { engine } = observedEngine({
      accept: () => Promise.reject(new Error('no route to db.internal')),
    });
    const { logger, stripe } = await startWebhookApp({ adapter, inbox: { engine } });

    const { status, body, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(503);
    expect(body).toEqual({ statusCode: 503, message: 'Service unavailable' });
    expect(deliveries).toEqual([]);
    expect(logger.ofLevel('warn')).toContainEqual(expect.stringContaining('inbox_unavailable'));
  });
});
