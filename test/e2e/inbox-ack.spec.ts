import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../../src/index.js';
import type { WebhookHandlerOptions, WebhookInboxOptions } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { ADAPTERS, buildWebhookApp } from '../support/build-webhook-app.js';
import { observedEngine } from '../support/observed-engine.js';

function handlerWith(options: WebhookHandlerOptions) {
  @Injectable()
  class Handler {
    @OnStripeEvent('*', options)
    handle(): void {}
  }
  return Handler;
}

describe.each(ADAPTERS)('what cannot be promised refuses to start on %s', (adapter) => {
  it('a lane on an engine that has none yet', async () => {
    const { engine } = observedEngine({ capabilities: { survives: 'crash', lacks: ['lanes'] } });

    const refused = starting({ engine }, { lane: () => 'one' });

    await expect(refused).rejects.toThrow('Handler Handler.handle asks for a lane');
  });

  async function starting(inbox: WebhookInboxOptions, options: WebhookHandlerOptions = {}) {
    const providers = [handlerWith(options)];
    const { app } = await buildWebhookApp({ adapter, inbox, providers });
    try {
      await app.init();
    } finally {
      await app.close();
    }
  }

  it.each<[string, WebhookInboxOptions, WebhookHandlerOptions]>([
    ["ack of WebhookInboxModule is 'stored'", { ack: 'stored' }, {}],
    ["ack of handler Handler.handle is 'stored'", {}, { ack: 'stored' }],
    ["must be 'stored' or 'handled'", { ack: 'later' as 'stored' }, {}],
    ["ack of handler Handler.handle must be 'stored'", {}, { ack: 'later' as 'stored' }],
    ['worker of WebhookInboxModule is false', { worker: false }, {}],
    ['retry of handler Handler.handle.attempts', {}, { retry: { attempts: 0 } }],
  ])('on an engine in memory: %s', async (message, inbox, options) => {
    const refused = starting(inbox, options);

    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(WebhookConfigurationError);
  });

  it("but not 'handled', nor 'stored' on an engine that survives", async () => {
    await expect(starting({ ack: 'handled' }, { ack: 'handled' })).resolves.toBeUndefined();
    const { engine } = observedEngine({ capabilities: { survives: 'crash' } });
    await expect(starting({ ack: 'stored', engine }, { ack: 'stored' })).resolves.toBeUndefined();
  });

  it('and a process that only stores is given no deliveries', async () => {
    const { engine, calls } = observedEngine({ capabilities: { survives: 'crash' } });

    await starting({ worker: false, engine });

    expect(calls).toEqual(['start', 'stop']);
  });
});
