import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../inbox/clock.js';

/** Where built events get their ids and times from. */
export interface EventOrigin {
  /** A new id as Stripe and Svix write them, such as `evt_…`. */
  createId(prefix: string): string;
  createUuid(): string;
  /** When the next event happens, in milliseconds since 1970. */
  nextMs(): number;
}

/** Ids that no other event has, and the present time. */
export const randomOrigin: EventOrigin = {
  createId: (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`,
  createUuid: () => randomUUID(),
  nextMs: () => Date.now(),
};

/**
 * Ids that count from 1, the same in every run of a test. Events happen at the clock's time and at least
 * a second apart, so that their order can be told by the seconds that Stripe writes.
 *
 * @param idPrefix Set between the kind and the number of an id, for an inbox that outlives the test.
 */
export function countingOrigin(clock: Clock, idPrefix = ''): EventOrigin {
  const counts = new Map<string, number>();
  let lastMs = -Infinity;
  const count = (kind: string): number => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts.get(kind)!;
  };
  return {
    createId: (kind) => `${kind}_${idPrefix}${count(kind)}`,
    createUuid: () => `00000000-0000-4000-8000-${String(count('uuid')).padStart(12, '0')}`,
    nextMs: () => (lastMs = Math.max(clock.now(), lastMs + 1000)),
  };
}
