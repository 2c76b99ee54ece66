import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory, DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import type { ContextId } from '@nestjs/core';
import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';
import { WebhookHandlerAccessor } from './webhook-handler.accessor.js';
import type { WebhookHandler } from './webhook-handler.interface.js';
import type { WebhookSubscription } from './webhook-subscription.interface.js';

type ProviderWrapper = ReturnType<DiscoveryService['getProviders']>[number];

interface FoundMethod {
  readonly owner: Function;
  readonly method: string;
  readonly subscriptions: readonly WebhookSubscription[];
  readonly wrapper: ProviderWrapper;
}

const TYPE_PATTERN = /^(?:\*|[^*\s]+\.\*|[^*\s]+)$/;

/** Finds the decorated methods of all providers and controllers. */
@Injectable()
export class WebhookHandlerExplorer {
  readonly #logger = new Logger('WebhookInbox');
  readonly #warnedOf = new Set<string>();
  readonly #contexts = new WeakMap<WebhookEvent, ContextId[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly accessor: WebhookHandlerAccessor,
  ) {}

  /** @throws WebhookConfigurationError for a handler that cannot work, naming it. */
  explore(): WebhookHandler[] {
    const found = new Map<string, FoundMethod>();
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    for (const method of wrappers.flatMap((wrapper) => this.#methodsOf(wrapper))) {
      const id = handlerIdOf(method);
      const known = found.get(id);
      if (!known) found.set(id, method);
      else this.#checkSameMethod(id, known, method);
    }
    return [...found].map(([id, method]) => this.#createHandler(id, method));
  }

  #methodsOf(wrapper: ProviderWrapper): FoundMethod[] {
    if (wrapper.isAlias) return [];
    const isBuiltByFactory = !wrapper.metatype || wrapper.inject;
    const owner: unknown = isBuiltByFactory ? wrapper.instance?.constructor : wrapper.metatype;
    if (typeof owner !== 'function' || !owner.prototype) return [];

    return this.scanner.getAllMethodNames(owner.prototype).flatMap((method) => {
      const subscriptions = this.accessor.subscriptionsOf(owner.prototype, method);
      return subscriptions.length > 0 ? [{ owner, method, subscriptions, wrapper }] : [];
    });
  }

  #checkSameMethod(id: string, known: FoundMethod, other: FoundMethod): void {
    if (known.owner !== other.owner || known.method !== other.method) {
      throw new WebhookConfigurationError(
        `Two handlers have the id ${id}: ${nameOf(known)} in ${moduleOf(known)} and ${nameOf(other)} in ` +
          `${moduleOf(other)}. Give one of them another, such as { id: '${id}.2' } in its decorator.`,
      );
    }
    if (known.wrapper === other.wrapper || this.#warnedOf.has(id)) return;
    this.#warnedOf.add(id);
    this.#logger.warn(
      `${known.owner.name} is provided twice, in ${moduleOf(known)} and in ${moduleOf(other)}. Its handler ` +
        `${id} runs once an event, on the instance of ${moduleOf(known)}. Provide it in one module and export it.`,
    );
  }

  #createHandler(id: string, found: FoundMethod): WebhookHandler {
    const { owner, method, subscriptions, wrapper } = found;
    const enhancers = this.accessor.enhancersOf(owner.prototype, method);
    if (enhancers.length > 0) {
      throw new WebhookConfigurationError(
        `Handler ${id} has ${enhancers.join(', ')} of Nest, which do not run for webhook handlers. Remove ` +
          'them from the method; wrap attempts with `around` of WebhookInboxModule, and guard the endpoint ' +
          'with its `decorators` option.',
      );
    }
    if (subscriptions.some(({ types, endpoints }) => isEmpty(types) || isEmpty(endpoints))) {
      throw new WebhookConfigurationError(
        `Handler ${id} has an empty list of types or endpoints, so no event can reach it.`,
      );
    }
    const load = subscriptions.find((each) => each.load)?.load;
    if (load && subscriptions.length > 1) {
      throw new WebhookConfigurationError(
        `Handler ${id} has several decorators, and one of them is @OnStripeObject, which gives the method ` +
          'something else than the event. Put it on a method of its own.',
      );
    }
    for (const type of subscriptions.flatMap(({ types }) => types)) {
      if (TYPE_PATTERN.test(type)) continue;
      throw new WebhookConfigurationError(
        `Handler ${id} listens to "${type}". Give an event type, a prefix such as "invoice.*", or "*".`,
      );
    }
    return {
      id,
      subscriptions,
      timeoutMs: firstOf(subscriptions, 'timeoutMs'),
      retry: firstOf(subscriptions, 'retry'),
      ack: firstOf(subscriptions, 'ack'),
      isTransactional: firstOf(subscriptions, 'transaction') ?? false,
      takesSeveralFormats: new Set(subscriptions.flatMap(({ formats = [] }) => formats)).size > 1,
      isReply: subscriptions.some(({ reply }) => reply !== undefined),
      load,
      method,
      instanceFor: this.#instanceSource(wrapper),
    };
  }

  #instanceSource(wrapper: ProviderWrapper): WebhookHandler['instanceFor'] {
    if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) return () => wrapper.instance;

    // The module's own ModuleRef: a class may be provided in several.
    const moduleRef = wrapper.host!.providers.get(ModuleRef)!.instance as ModuleRef;
    return (event, attempt) => {
      const contextId = this.#contextOf(event, attempt, moduleRef);
      return moduleRef.resolve(wrapper.token, contextId, { strict: true });
    };
  }

  /** One context for all handlers of an event in the same attempt; the event is their `REQUEST`. */
  #contextOf(event: WebhookEvent, attempt: number, moduleRef: ModuleRef): ContextId {
    const contexts = this.#contexts.get(event) ?? [];
    this.#contexts.set(event, contexts);
    const known = contexts[attempt];
    if (known) return known;

    const contextId = ContextIdFactory.getByRequest(event);
    moduleRef.registerRequestByContextId(event, contextId);
    contexts[attempt] = contextId;
    return contextId;
  }
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list?.length === 0;
}

function handlerIdOf(found: FoundMethod): string {
  const ids = new Set(found.subscriptions.flatMap(({ id }) => id ?? []));
  if ([...ids].some((id) => id.trim() === '')) {
    throw new WebhookConfigurationError(`${nameOf(found)} has a blank id.`);
  }
  if (ids.size > 1) {
    throw new WebhookConfigurationError(
      `${nameOf(found)} has several decorators with different ids (${[...ids].join(', ')}). They are one ` +
        'handler: give one id.',
    );
  }
  return [...ids][0] ?? nameOf(found);
}

function nameOf({ owner, method }: FoundMethod): string {
  return `${owner.name}.${method}`;
}

function moduleOf({ wrapper }: FoundMethod): string {
  return wrapper.host?.name ?? 'an unknown module';
}

/** Several decorators on a method are one handler: what one of them says counts for all. */
function firstOf<Option extends keyof WebhookSubscription>(
  subscriptions: readonly WebhookSubscription[],
  option: Option,
): WebhookSubscription[Option] | undefined {
  return subscriptions.find((subscription) => subscription[option] !== undefined)?.[option];
}
