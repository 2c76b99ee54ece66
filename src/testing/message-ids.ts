import { randomUUID } from 'node:crypto';

const ids = new WeakMap<object, string>();

/** Fixes the id of an event whose body has none. */
export function setIdOf(event: object, id: string): void {
  ids.set(event, id);
}

/** The id of an event whose body has none: one for each object, so that sending it again is a resend. */
export function idOf(event: object | string): string {
  const id = (typeof event === 'object' && ids.get(event)) || `msg_${randomUUID()}`;
  if (typeof event === 'object') ids.set(event, id);
  return id;
}
