import { Injectable } from '@nestjs/common';
import { WebhookEndpointRegistry } from '../../endpoints/webhook-endpoint.registry.js';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import { listensTo, WebhookHandlerRegistry } from '../../handlers/webhook-handler.registry.js';
import type { WebhookSubscription } from '../../handlers/webhook-subscription.interface.js';
import { expandPattern, formatOfType, typesAbout } from '../event-types/known-event-types.js';
import type { StripeEventFormat } from '../event-types/known-event-types.js';
import { NOTIFICATION, SNAPSHOT } from '../stripe-formats.js';
import type { StripeScope } from '../stripe-scope.js';
import { actionOf, isStripeSubscription } from '../stripe-subscription.interface.js';
import type { StripeSubscription } from '../stripe-subscription.interface.js';
import { StripeEndpoint } from '../stripe.endpoint.js';

/** What the handlers of one endpoint have to be sent in one format. */
export interface StripeNeed {
  readonly endpoint: StripeEndpoint;
  readonly format: StripeEventFormat;
  /** The exact types, sorted, each with the ids of its handlers. */
  readonly types: ReadonlyMap<string, readonly string[]>;
  /** Whether events of the own account are needed. */
  readonly ofAccount: boolean;
  /** Whether events of connected accounts are needed. */
  readonly ofConnect: boolean;
}

/** A pattern that means no type which is known. */
export interface UnknownPattern {
  readonly handler: string;
  readonly pattern: string;
}

export interface StripeNeeds {
  readonly needs: readonly StripeNeed[];
  readonly unknownPatterns: readonly UnknownPattern[];
}

interface Listener {
  readonly handler: string;
  readonly subscription: WebhookSubscription;
}

/** What the application listens to: its decorated handlers are the only place where that is said. */
@Injectable()
export class StripeNeedsService {
  constructor(
    private readonly endpoints: WebhookEndpointRegistry,
    private readonly handlers: WebhookHandlerRegistry,
  ) {}

  /** @throws WebhookConfigurationError where there is none of the name. */
  stripeEndpoints(name?: string): readonly StripeEndpoint[] {
    const all = this.endpoints.all().filter((each) => each instanceof StripeEndpoint);
    const found = all.filter((endpoint) => name === undefined || endpoint.name === name);
    if (name === undefined || found.length > 0) return found;
    const names = all.map((endpoint) => `"${endpoint.name}"`).join(', ');
    throw new WebhookConfigurationError(
      `There is no Stripe endpoint "${name}". Configured are: ${names || 'none'}.`,
    );
  }

  /**
   * @param livemode The mode it is asked for: handlers of the other one do not count.
   * @param options.withReplies Whether handlers count whose reply Stripe waits for. Default: true.
   */
  ofEndpoint(
    endpoint: StripeEndpoint,
    livemode: boolean,
    { withReplies = true }: { readonly withReplies?: boolean } = {},
  ): StripeNeeds {
    const isOtherMode = (mode: boolean | undefined): boolean =>
      mode !== undefined && mode !== livemode;
    if (isOtherMode(endpoint.filter.livemode)) return { needs: [], unknownPatterns: [] };
    const listeners = this.#listenersOf(endpoint).filter(
      ({ subscription }) =>
        (withReplies || !subscription.reply) &&
        (!isStripeSubscription(subscription) || !isOtherMode(subscription.filter.livemode)),
    );
    return {
      needs: [SNAPSHOT, NOTIFICATION].flatMap(
        (format) => needOf(endpoint, format as StripeEventFormat, listeners) ?? [],
      ),
      unknownPatterns: listeners.flatMap(unknownPatternsOf),
    };
  }

  #listenersOf(endpoint: StripeEndpoint): Listener[] {
    return this.handlers
      .all()
      .flatMap(({ id, subscriptions }) =>
        subscriptions
          .filter((subscription) => listensTo(subscription, endpoint))
          .map((subscription) => ({ handler: id, subscription })),
      );
  }
}

/**
 * The mode that something is asked for at an endpoint.
 * @throws WebhookConfigurationError where nothing says it.
 */
export function modeOf(endpoint: StripeEndpoint, given: boolean | undefined): boolean {
  const mode = given ?? endpoint.keyMode ?? endpoint.filter.livemode;
  if (mode !== undefined) return mode;
  throw new WebhookConfigurationError(
    `Endpoint "${endpoint.name}" has no Stripe client, or one that does not say its mode. Give forRoot the option ` +
      'client, or provide STRIPE_CLIENT. Where client is a function, say the mode: livemode: true or false, or ' +
      '--live or --test on the command line.',
  );
}

function needOf(
  endpoint: StripeEndpoint,
  format: StripeEventFormat,
  listeners: readonly Listener[],
): StripeNeed | undefined {
  const types = new Map<string, string[]>();
  const scopes: StripeScope[] = [];
  for (const { handler, subscription } of listeners) {
    const scope = scopeOf(endpoint, subscription);
    const wanted = scope === undefined ? [] : typesOf(subscription, format);
    if (scope === undefined || wanted.length === 0) continue;
    scopes.push(scope);
    for (const type of wanted) types.set(type, [...new Set([...(types.get(type) ?? []), handler])]);
  }
  if (types.size === 0) return undefined;
  return {
    endpoint,
    format,
    types: new Map([...types].sort(([left], [right]) => (left < right ? -1 : 1))),
    ofAccount: scopes.some((scope) => scope !== 'connect'),
    ofConnect: scopes.some((scope) => scope !== 'account'),
  };
}

/**
 * Whose events a subscription has at an endpoint; undefined for nobody's. Connected accounts' only where
 * the endpoint or the handler says so: an account without any could not ask for them.
 */
function scopeOf(
  { filter }: StripeEndpoint,
  subscription: WebhookSubscription,
): StripeScope | undefined {
  const ofHandler = isStripeSubscription(subscription) ? subscription.filter.scope : undefined;
  const ofEndpoint = filter.scope;
  if (ofHandler === undefined || ofHandler === 'any') return ofEndpoint ?? ofHandler ?? 'account';
  if (ofEndpoint === undefined || ofEndpoint === 'any') return ofHandler;
  return ofHandler === ofEndpoint ? ofHandler : undefined;
}

function typesOf(subscription: WebhookSubscription, format: StripeEventFormat): readonly string[] {
  if (!isStripeSubscription(subscription)) {
    return subscription.types.flatMap((type) => expandUntyped(type, format));
  }
  if (subscription.about) return typesAboutObject(subscription.about, format);
  if (!subscription.formats?.includes(format)) return [];
  return subscription.types.flatMap((type) => expandPattern(type, format));
}

/** `@OnWebhook` says no format: an exact type belongs to the one that its name has. */
function expandUntyped(pattern: string, format: StripeEventFormat): readonly string[] {
  if (!pattern.endsWith('*') && formatOfType(pattern) !== format) return [];
  return expandPattern(pattern, format);
}

/**
 * An object's events are asked for in one format, or each change would come twice: as snapshot events,
 * which say the same as the finer types of notifications, and as notifications where there are none.
 */
function typesAboutObject(
  { kind, actions }: NonNullable<StripeSubscription['about']>,
  format: StripeEventFormat,
): readonly string[] {
  const isWanted = (type: string): boolean => actions?.includes(actionOf(type)) ?? true;
  const snapshots = typesAbout(kind, SNAPSHOT).filter(isWanted);
  if (format === SNAPSHOT) return snapshots;
  if (actions === undefined && snapshots.length > 0) return [];
  const covered = new Set(snapshots.map(actionOf));
  return typesAbout(kind, NOTIFICATION).filter(
    (type) => isWanted(type) && !covered.has(actionOf(type)),
  );
}

function unknownPatternsOf({ handler, subscription }: Listener): UnknownPattern[] {
  if (isStripeSubscription(subscription) && subscription.about) return [];
  return subscription.types
    .filter((pattern) =>
      ([SNAPSHOT, NOTIFICATION] as const).every(
        (format) => expandPattern(pattern, format).length === 0,
      ),
    )
    .map((pattern) => ({ handler, pattern }));
}
