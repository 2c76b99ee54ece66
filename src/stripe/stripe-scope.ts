import { WebhookConfigurationError } from '../errors/webhook-configuration.error.js';
import { assertChangeFilter, changeReason } from './stripe-change-filter.js';
import type { ChangeFilter } from './stripe-change-filter.js';
import type { WebhookEvent } from '../inbox/webhook-event.interface.js';

/** Whose events: those of the own account, of connected accounts, or both. */
export type StripeScope = 'account' | 'connect' | 'any';

/** Which events are wanted. Both endpoints and handlers say it. */
export interface StripeEventFilter {
  readonly scope?: StripeScope | undefined;
  readonly livemode?: boolean | undefined;
}

/** The fields of a Stripe event that do not depend on its type. */
export interface StripeEnvelope {
  /** `event` for a snapshot event, `v2.core.event` for an event notification. */
  readonly object?: string;
  /** The account that an event notification happened on, or a path of accounts. */
  readonly context?: unknown;
  /** The connected account it happened on, such as `acct_…`. */
  readonly account?: string;
  readonly livemode?: boolean;
  readonly type?: string;
  /** The version a snapshot event is rendered in. */
  readonly api_version?: string | null;
}

/** The context of an event notification as it was sent, or undefined. */
export function contextOf({ context }: StripeEnvelope): string | undefined {
  return typeof context === 'string' && context !== '' ? context : undefined;
}

/** The connected account: of a notification the last of its context, which is a path (`org_…/acct_…`). */
export function accountOf(envelope: StripeEnvelope): string | undefined {
  const { account } = envelope;
  return typeof account === 'string' ? account : contextOf(envelope)?.split('/').at(-1);
}

/** Whether it is an event notification (a thin event) and not a snapshot event. */
export function isNotification({ object }: StripeEnvelope): boolean {
  return object === 'v2.core.event';
}

/** Why a filter turns an event away, or undefined. `whose` says whose filter it is. */
export function filterReason(
  { scope = 'any', livemode }: StripeEventFilter,
  envelope: StripeEnvelope,
  whose: string,
): string | undefined {
  const isConnect = accountOf(envelope) !== undefined;
  if (scope === 'account' && isConnect) {
    return `${whose} is for the own account, and the event is of a connected account`;
  }
  if (scope === 'connect' && !isConnect) {
    return `${whose} is for connected accounts, and the event is of the own account`;
  }
  if (livemode !== undefined && envelope.livemode !== livemode) {
    return `${whose} is for ${modeName(livemode)} mode, and the event is of ${modeName(!livemode)} mode`;
  }
  return undefined;
}

const SCOPES: readonly unknown[] = [undefined, 'account', 'connect', 'any'];

/** @throws WebhookConfigurationError beginning with `whose`. */
export function assertFilter({ scope, livemode }: StripeEventFilter, whose: string): void {
  if (!SCOPES.includes(scope)) {
    throw new WebhookConfigurationError(`${whose}: scope must be 'account', 'connect' or 'any'.`);
  }
  if (livemode !== undefined && typeof livemode !== 'boolean') {
    throw new WebhookConfigurationError(`${whose}: livemode must be true or false.`);
  }
}

/**
 * A handler's filter as a subscription has it. Only snapshot events pass.
 * @throws WebhookConfigurationError
 */
export function snapshotFilter(
  filter: StripeEventFilter & ChangeFilter,
): (event: WebhookEvent) => string | undefined {
  assertFilter(filter, '@OnStripeEvent');
  assertChangeFilter(filter, '@OnStripeEvent');
  return ({ payload }) => {
    const envelope = payload as StripeEnvelope;
    if (isNotification(envelope)) {
      return 'the handler is for snapshot events, and this is an event notification';
    }
    return filterReason(filter, envelope, 'the handler') ?? changeReason(filter, payload);
  };
}

/** The same for event notifications. Stripe's ping reaches only handlers that name it. */
export function notificationFilter(
  filter: StripeEventFilter,
  types: readonly string[],
): (event: WebhookEvent) => string | undefined {
  return ({ type, payload }) => {
    const envelope = payload as StripeEnvelope;
    if (!isNotification(envelope)) {
      return 'the handler is for event notifications, and this is a snapshot event';
    }
    if (type === PING && !types.includes(PING)) return "Stripe's ping is for handlers that name it";
    return filterReason(filter, envelope, 'the handler');
  };
}

/** What Stripe sends when somebody asks whether an event destination can be reached. */
const PING = 'v2.core.event_destination.ping';

function modeName(livemode: boolean): string {
  return livemode ? 'live' : 'test';
}
