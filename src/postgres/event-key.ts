import type { EventKey } from '../inbox/webhook-event.interface.js';

/** An event's identity in one string. Neither part has a line break. */
export function keyOf({ source, id }: EventKey): string {
  return `${source}\n${id}`;
}
