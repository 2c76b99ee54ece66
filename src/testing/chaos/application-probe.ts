import { AsyncLocalStorage } from 'node:async_hooks';
import { isPromise } from 'node:util/types';
import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { WebhookDispatcher } from '../../handlers/webhook.dispatcher.js';
import { WebhookHandlerAccessor } from '../../handlers/webhook-handler.accessor.js';
import type { DueDelivery, Outcome } from '../../inbox/webhook-engine.interface.js';
import type { WatchedAttempt } from './watched-attempt.js';

/** Gives the attempt that a delivery is run as. */
export type BeginAttempt = (delivery: DueDelivery) => WatchedAttempt;

type Method = (...args: unknown[]) => unknown;

/** Whose providers are not the application's own. */
const FOREIGN_MODULES =
  /^(?:InternalCoreModule|DiscoveryModule|WebhookInbox(?:Core)?Module|(?:Stripe|StackAuth|Standard)WebhooksModule|ConfigurableModuleClass)$/;

/** The attempt that runs, and the provider it is within. */
interface Running {
  readonly attempt: WatchedAttempt;
  readonly within: unknown;
}

const current = new AsyncLocalStorage<Running>();
const probes = new WeakMap<INestApplication, ApplicationProbe>();

/**
 * Stands between an application and its handlers: every attempt, and every call that an attempt makes to a
 * method of a provider, can be watched and disturbed. Outside of an attempt nothing changes.
 */
export class ApplicationProbe {
  #begin: BeginAttempt | undefined;

  /** The probe of an application, which is set up once. */
  static of(app: INestApplication): ApplicationProbe {
    const probe = probes.get(app) ?? new ApplicationProbe(app);
    probes.set(app, probe);
    return probe;
  }

  private constructor(app: INestApplication) {
    this.#watchAttempts(app.get(WebhookDispatcher, { strict: false }));
    const accessor = app.get(WebhookHandlerAccessor, { strict: false });
    for (const instance of ownInstances(app)) {
      for (const name of methodNames(instance)) {
        const isHandler = accessor.subscriptionsOf(instance, name).length > 0;
        if (!isHandler) watchCalls(instance, name);
      }
    }
  }

  /** Lets attempts run as this says, until it is called again. */
  follow(begin: BeginAttempt | undefined): void {
    this.#begin = begin;
  }

  #watchAttempts(dispatcher: WebhookDispatcher): void {
    const run = dispatcher.run.bind(dispatcher);
    dispatcher.run = (delivery: DueDelivery): Promise<Outcome> => {
      const attempt = this.#begin?.(delivery);
      if (!attempt) return run(delivery);
      return attempt.run(() => current.run({ attempt, within: undefined }, () => run(delivery)));
    };
  }
}

function ownInstances(app: INestApplication): Set<object> {
  const discovery = app.get(DiscoveryService, { strict: false });
  const wrappers = [...discovery.getProviders(), ...discovery.getControllers()];
  return new Set(
    wrappers
      .filter(({ host, isAlias }) => !isAlias && !FOREIGN_MODULES.test(host?.name ?? ''))
      .map(({ instance }): unknown => instance)
      .filter((instance): instance is object => typeof instance === 'object' && instance !== null)
      .filter((instance) => !(instance instanceof ModuleRef)),
  );
}

/** The methods of an instance, its own and those of its classes. */
function methodNames(instance: object): Set<string> {
  const names = new Set<string>();
  for (
    let owner: object | null = instance;
    owner && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return names;
}

function watchCalls(instance: object, name: string): void {
  const method = (instance as Record<string, Method>)[name]!;
  const title = `${instance.constructor?.name || 'Object'}.${name}`;
  // Learned from what it has returned, so that a failure comes as its failures do.
  let isAsync = false;
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    const running = current.getStore();
    const invoke = (): unknown => {
      const result = Reflect.apply(method, this, args);
      isAsync ||= isPromise(result);
      return result;
    };
    // What a provider asks of itself is a part of the call.
    if (!running || running.within === this) return invoke();
    const { attempt } = running;
    const call = { title, isAsync, invoke: () => current.run({ attempt, within: this }, invoke) };
    return attempt.call(call);
  };
  // What is frozen stays as it is.
  Reflect.defineProperty(instance, name, { value: watched, configurable: true, writable: true });
}
