import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Inject, Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, REQUEST } from '@nestjs/core';
import type { ContextId, ContextIdStrategy } from '@nestjs/core';
import { OnWebhook } from '../../src/index.js';
import type { WebhookEvent } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';

interface Call {
  readonly instance: object;
  readonly dependency: object;
  readonly eventId: string;
}

const calls: Call[] = [];
afterEach(() => void calls.splice(0));

@Injectable({ scope: Scope.REQUEST })
class PerEvent {
  constructor(@Inject(REQUEST) readonly request: WebhookEvent) {}
}

@Injectable()
class Plain {
  // Its dependency alone makes it request-scoped.
  constructor(private readonly dependency: PerEvent) {}

  @OnWebhook('stripe', '*')
  first(): void {
    this.record();
  }

  protected record(): void {
    const { dependency } = this;
    calls.push({ instance: this, dependency, eventId: dependency.request.id });
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestScoped extends Plain {
  constructor(dependency: PerEvent) {
    super(dependency);
  }

  @OnWebhook('stripe', '*')
  second(): void {
    this.record();
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController extends Plain {
  constructor(dependency: PerEvent) {
    super(dependency);
  }
}

describe.each(ADAPTERS)('scoped handlers on %s', (adapter) => {
  it.each([
    ['a request-scoped provider', { providers: [PerEvent, RequestScoped] }],
    ['a provider that depends on a request-scoped one', { providers: [PerEvent, Plain] }],
    ['a request-scoped controller', { providers: [PerEvent], controllers: [ScopedController] }],
  ])('builds %s anew for every event, with the event as REQUEST', async (_name, metadata) => {
    const { stripe } = await startWebhookApp({ adapter, ...metadata });

    const first = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));
    const second = await stripe().send(stripeEvent('invoice.paid', { id: 'evt_2' }));

    expect([first.status, second.status]).toEqual([200, 200]);
    const handlers = first.deliveries.length;
    expect(calls.map(({ eventId }) => eventId)).toEqual([
      ...Array<string>(handlers).fill('evt_1'),
      ...Array<string>(handlers).fill('evt_2'),
    ]);
    expect(new Set(calls.map(({ instance }) => instance)).size).toBe(2);
  });

  it('gives all handlers of an event one request-scoped dependency, and another event another', async () => {
    const { stripe } = await startWebhookApp({
      adapter,
      providers: [PerEvent, Plain, RequestScoped],
    });

    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_1' }));
    await stripe().send(stripeEvent('invoice.paid', { id: 'evt_2' }));

    const dependenciesOf = (id: string): Set<object> =>
      new Set(calls.filter(({ eventId }) => eventId === id).map(({ dependency }) => dependency));
    expect(calls).toHaveLength(6);
    expect(dependenciesOf('evt_1').size).toBe(1);
    expect(dependenciesOf('evt_2').size).toBe(1);
    expect(dependenciesOf('evt_1')).not.toEqual(dependenciesOf('evt_2'));
  });

  it('builds a request-scoped handler anew for the next attempt', async () => {
    const instances: object[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class FailsOnce {
      @OnWebhook('stripe', '*')
      run(): void {
        instances.push(this);
        if (instances.length === 1) throw new Error('not yet');
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [FailsOnce] });
    const event = stripeEvent('invoice.paid');

    const first = await stripe().send(event);
    const second = await stripe().send(event);

    expect([first.status, second.status]).toEqual([500, 200]);
    expect(new Set(instances).size).toBe(2);
  });

  it('builds a transient handler whole', async () => {
    @Injectable()
    class Dependency {}
    const seen: unknown[] = [];
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient {
      constructor(readonly dependency: Dependency) {}

      @OnWebhook('stripe', '*')
      run(): void {
        seen.push(this.dependency);
      }
    }
    const { app, stripe } = await startWebhookApp({ adapter, providers: [Dependency, Transient] });

    const { deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(deliveries).toHaveLength(1);
    expect(seen).toEqual([app.get(Dependency)]);
  });

  it('fails the delivery when a scoped handler cannot be built', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Unbuildable {
      constructor() {
        throw new Error('no connection');
      }

      @OnWebhook('stripe', '*')
      run(): void {}
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Unbuildable] });

    const { status, deliveries } = await stripe().send(stripeEvent('invoice.paid'));

    expect(status).toBe(500);
    expect(deliveries).toMatchObject([{ status: 'failed', error: { message: 'no connection' } }]);
  });
});

describe.each(ADAPTERS)('durable handlers on %s', (adapter) => {
  const noStrategy = (ContextIdFactory as unknown as { strategy?: ContextIdStrategy }).strategy;
  afterEach(() => ContextIdFactory.apply(noStrategy!));

  it('builds a durable handler once for each tenant of the strategy', async () => {
    ContextIdFactory.apply(tenantByAccount());
    const runs: { readonly event: string; readonly tenant: object; readonly instance: object }[] =
      [];
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable {
      constructor(@Inject(REQUEST) private readonly tenant: object) {}

      @OnWebhook('stripe', '*')
      run(event: { readonly account: string }): void {
        runs.push({ event: event.account, tenant: this.tenant, instance: this });
      }
    }
    const { stripe } = await startWebhookApp({ adapter, providers: [Durable] });

    await stripe().send(stripeEvent('invoice.paid', { account: 'acct_1' }));
    await stripe().send(stripeEvent('invoice.paid', { account: 'acct_2' }));
    await stripe().send(stripeEvent('invoice.paid', { account: 'acct_1' }));

    const [first, second, third] = runs;
    expect(runs).toMatchObject([
      { event: 'acct_1', tenant: { account: 'acct_1' } },
      { event: 'acct_2', tenant: { account: 'acct_2' } },
      { event: 'acct_1', tenant: { account: 'acct_1' } },
    ]);
    expect(third?.instance).toBe(first?.instance);
    expect(second?.instance).not.toBe(first?.instance);
  });
});

/** One sub-tree of durable providers for each connected account, as the Nest documentation has it. */
function tenantByAccount(): ContextIdStrategy<WebhookEvent> {
  const tenants = new Map<string, ContextId>();
  return {
    attach: (contextId, { payload }) => {
      const { account } = payload as { account: string };
      const tenant = tenants.get(account) ?? { id: Math.random() };
      tenants.set(account, tenant);
      return {
        resolve: ({ isTreeDurable }) => (isTreeDurable ? tenant : contextId),
        payload: { account },
      };
    },
  };
}
