import { Injectable } from '@nestjs/common';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookSubscription } from './webhook-subscription.interface.js';

const SUBSCRIPTIONS = Symbol.for('nestjs-webhook-inbox:subscriptions');
const ENHANCERS: readonly (readonly [key: string, name: string])[] = [
  ['__guards__', 'guards'],
  ['__interceptors__', 'interceptors'],
  ['__pipes__', 'pipes'],
  ['__exceptionFilters__', 'exception filters'],
];

/**
 * Adds a subscription to a method. Several on one method make one handler.
 * @throws WebhookConfigurationError for what can be no handler: a static method, a getter, a symbol.
 */
export function addSubscription(
  target: object,
  method: string | symbol,
  subscription: WebhookSubscription,
): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, method);
  if (typeof target === 'function' || typeof method === 'symbol' || !isMethod(descriptor)) {
    const owner = typeof target === 'function' ? target : target.constructor;
    throw new WebhookConfigurationError(
      `${owner.name}.${String(method)} cannot be a webhook handler. Decorate a method of the class, with a ` +
        'name: no static method, getter, property or symbol.',
    );
  }
  const others = readSubscriptions(target, method);
  Reflect.defineMetadata(SUBSCRIPTIONS, [subscription, ...others], target, method);
}

/** Reads what the handler decorators have written. */
@Injectable()
export class WebhookHandlerAccessor {
  /**
   * The subscriptions of a method, from the class that defines it: an override without a decorator of
   * its own is no handler. They are kept by class and name and not on the function, so that decorators
   * which replace the function (transactions, tracing) lose nothing.
   */
  subscriptionsOf(prototype: object, method: string): readonly WebhookSubscription[] {
    const owner = definingPrototype(prototype, method);
    return owner ? readSubscriptions(owner, method) : [];
  }

  /** What of Nest's guards, interceptors, pipes and filters is bound to the method itself. */
  enhancersOf(prototype: object, method: string): string[] {
    const callback = (prototype as Record<string, object>)[method]!;
    return ENHANCERS.filter(([key]) => Reflect.hasMetadata(key, callback)).map(([, name]) => name);
  }
}

function isMethod(descriptor: PropertyDescriptor | undefined): boolean {
  return typeof descriptor?.value === 'function';
}

function readSubscriptions(
  target: object,
  method: string | symbol,
): readonly WebhookSubscription[] {
  return Reflect.getOwnMetadata(SUBSCRIPTIONS, target, method) ?? [];
}

function definingPrototype(prototype: object, method: string): object | undefined {
  for (let owner: object | null = prototype; owner; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, method)) return owner;
  }
  return undefined;
}
