import type { WebhookEvent } from '../inbox/webhook-event.interface.js';

/**
 * What came with some events, as columns: labels of secrets, headers, where each body stands and how long it is,
 * and all bodies as one value, so that their bytes are not escaped on the way.
 */
export function toBodyColumns(events: readonly WebhookEvent[]): unknown[] {
  let offset = 0;
  const offsets: number[] = [];
  for (const { rawBody } of events) {
    offsets.push(offset);
    offset += rawBody.length;
  }
  return [
    events.map(({ secretLabel }) => secretLabel ?? null),
    events.map(({ headers }) => JSON.stringify(headers)),
    offsets,
    events.map(({ rawBody }) => rawBody.length),
    Buffer.concat(events.map(({ rawBody }) => rawBody)),
  ];
}

/** Text of a handler or a sender: PostgreSQL keeps no NUL in it. */
export function toText(value: string): string {
  return value.replaceAll('\0', '\uFFFD');
}
