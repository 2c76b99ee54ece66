import type { StackAuthEventMap, StackAuthEventType } from '../stack-auth/stack-auth-event-map.js';
import type { DeepPartial } from './deep-partial.js';
import { randomOrigin } from './event-origin.js';
import type { EventOrigin } from './event-origin.js';

/** The ids that `data` has in events whose group is not listed: `id`. */
const ID_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['team_membership', ['team_id', 'user_id']],
  ['team_permission', ['id', 'user_id', 'team_id']],
  ['project_permission', ['id', 'user_id']],
]);

/**
 * Builds an event of Stack Auth for a test. Only what is given is in `data`, typed for the event, beside
 * its ids; a handler that reads more finds it undefined.
 *
 * @example
 * stackAuthEvent('user.created', { primary_email: 'ada@example.com' })
 */
export function stackAuthEvent<Type extends StackAuthEventType>(
  type: Type,
  data?: DeepPartial<StackAuthEventMap[Type]['data']>,
): StackAuthEventMap[Type] {
  return buildStackAuthEvent(randomOrigin, type, data);
}

/** As `stackAuthEvent`, with ids of a given origin. */
export function buildStackAuthEvent<Type extends StackAuthEventType>(
  origin: EventOrigin,
  type: Type,
  data?: DeepPartial<StackAuthEventMap[Type]['data']>,
): StackAuthEventMap[Type] {
  const fields = ID_FIELDS.get(type.slice(0, type.lastIndexOf('.'))) ?? ['id'];
  const ids = Object.fromEntries(fields.map((field) => [field, origin.createUuid()]));
  // The data is a part of what Stack Auth sends; tests see it as the whole.
  return { type, data: { ...ids, ...data } } as unknown as StackAuthEventMap[Type];
}
