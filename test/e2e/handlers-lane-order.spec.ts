import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../../src/index.js';
import type { Arrival, WebhookHandlerOptions } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, buildWebhookApp, startWebhookApp } from '../support/build-webhook-app.js';
import { observedEngine } from '../support/observed-engine.js';

function handlerWith(options: object) {
  @Injectable()
  class Orders {
    @OnStripeEvent('*', options as WebhookHandlerOptions)
    fulfil(): void {}
  }
  return Orders;
}

const lane = () => 'one';

/** An engine that keeps orders, as far as it is asked for them; and what it was given to store. */
function orderingEngine() {
  const accepted: Arrival[] = [];
  const { engine } = observedEngine({
    capabilities: { survives: 'nothing' },
    accept: async (arrivals) => {
      accepted.push(...arrivals);
      return arrivals.map(() => ({ status: 'accepted' }));
    },
  });
  return { engine, accepted };
}

describe.each(ADAPTERS)('The order of a lane on %s', (adapter) => {
  it.each([
    [{ lane }, { lane: 'one' }],
    [{ lane, order: 'exclusive' }, { lane: 'one' }],
    [
      { lane, order: 'fifo' },
      { lane: 'one', order: 'fifo', onDead: 'block' },
    ],
    [
      { lane, order: 'fifo', onDead: 'pass' },
      { lane: 'one', order: 'fifo', onDead: 'pass' },
    ],
    [{ lane: () => undefined, order: 'fifo' }, {}],
  ])('is asked of the engine as the decorator says: %p', async (options, wanted) => {
    const { engine, accepted } = orderingEngine();
    const providers = [handlerWith(options)];
    const { stripe } = await startWebhookApp({ adapter, providers, inbox: { engine } });

    await stripe().send(stripeEvent('invoice.paid'));

    expect(accepted[0]?.deliveries).toEqual([{ handler: 'Orders.fulfil', ...wanted }]);
  });

  it.each<[string, object]>([
    ['has an order and no lane', { order: 'fifo' }],
    ['has an order that is unknown', { lane, order: 'lifo' }],
    ['has an onDead that is unknown', { lane, order: 'fifo', onDead: 'stop' }],
    ["has onDead without { order: 'fifo' }", { lane, onDead: 'pass' }],
    [
      "asks for a lane with { order: 'fifo' }, which the configured engine",
      { lane, order: 'fifo' },
    ],
  ])('refuses to start in memory where a handler %s', async (says, options) => {
    const { app } = await buildWebhookApp({ adapter, providers: [handlerWith(options)] });

    const starting = app.init();

    await expect(starting).rejects.toThrow(WebhookConfigurationError);
    await expect(starting).rejects.toThrow(`Handler Orders.fulfil ${says}`);
    await app.close();
  });
});
