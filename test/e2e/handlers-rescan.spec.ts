import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { OnWebhook, WebhookConfigurationError, WebhookInboxAdmin } from '../../src/index.js';
import { OnStripeEvent } from '../../src/stripe/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

@Injectable()
class Eager {
  @OnStripeEvent('invoice.paid')
  run(): void {}
}

@Injectable()
class Late {
  @OnStripeEvent('invoice.paid')
  run(): void {}
}
@Injectable({ scope: Scope.REQUEST })
class LateScoped {
  @OnStripeEvent('invoice.paid')
  run(): void {}
}
@Module({ providers: [Late, LateScoped] })
class LateModule {}

@Injectable()
class Broken {
  @OnWebhook('nowhere', 'invoice.paid')
  run(): void {}
}
@Module({ providers: [Late, Broken] })
class BrokenModule {}

describe.each(ADAPTERS)('rescan() on %s', (adapter) => {
  it('finds the handlers of a module that was loaded lazily, and not before', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Eager] });
    await app.get(LazyModuleLoader).load(() => LateModule);

    const before = await stripe().send(stripeEvent('invoice.paid'));
    app.get(WebhookInboxAdmin).rescan();
    const after = await stripe().send(stripeEvent('invoice.paid'));

    expect(before.deliveries.map(({ handler }) => handler)).toEqual(['Eager.run']);
    expect(after.deliveries.map(({ handler, status }) => `${handler} ${status}`).sort()).toEqual([
      'Eager.run succeeded',
      'Late.run succeeded',
      'LateScoped.run succeeded',
    ]);
  });

  it('leaves the handlers as they were when one of the new ones cannot work', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Eager] });
    await app.get(LazyModuleLoader).load(() => BrokenModule);

    expect(() => app.get(WebhookInboxAdmin).rescan()).toThrow(WebhookConfigurationError);

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));
    expect(status).toBe(200);
    expect(deliveries.map(({ handler }) => handler)).toEqual(['Eager.run']);
  });

  it('changes nothing when nothing is new', async () => {
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Eager] });

    app.get(WebhookInboxAdmin).rescan();

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid'));
    expect(deliveries).toHaveLength(1);
  });
});
