import { NOTIFICATION, SNAPSHOT } from '../stripe-formats.js';
import { NOTIFICATION_KINDS, SNAPSHOT_KINDS } from './stripe-event-kinds.js';

/** Stripe's two formats of events. */
export type StripeEventFormat = typeof SNAPSHOT | typeof NOTIFICATION;

const KNOWN: Readonly<Record<StripeEventFormat, ReadonlyMap<string, readonly string[]>>> = {
  [SNAPSHOT]: byType(SNAPSHOT_KINDS),
  [NOTIFICATION]: byType(NOTIFICATION_KINDS),
};

/**
 * The exact types of a format that a pattern means: `invoice.*` all known ones that begin so. An exact type
 * stands for itself, known or not.
 */
export function expandPattern(pattern: string, format: StripeEventFormat): readonly string[] {
  if (!pattern.endsWith('*')) return [pattern];
  const prefix = pattern.slice(0, -1);
  return [...KNOWN[format].keys()].filter((type) => type.startsWith(prefix) && type !== PING);
}

/** The types of a format about an object, by its `object`. */
export function typesAbout(kind: string, format: StripeEventFormat): readonly string[] {
  return [...KNOWN[format]].flatMap(([type, kinds]) => (kinds.includes(kind) ? [type] : []));
}

/** What an event of this type is about; empty for a type that is not known, or about no object. */
export function kindsOf(type: string): readonly string[] {
  return KNOWN[formatOfType(type)].get(type) ?? [];
}

/** Notifications are told by their names: `v1.invoice.paid`, `v2.core.account.created`. */
export function formatOfType(type: string): StripeEventFormat {
  return /^v\d+\./.test(type) ? NOTIFICATION : SNAPSHOT;
}

/** Stripe sends it when somebody asks for it, whatever a destination's types are. */
const PING = 'v2.core.event_destination.ping';

function byType(kinds: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(kinds).map(([type, text]) => [type, text === '' ? [] : text.split(' | ')]),
  );
}
