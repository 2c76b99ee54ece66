import type { WebhookEvent } from '../inbox/webhook-event.interface.js';

/** The bodies of some events as one value, and where each stands in it: bytes are not escaped on the way. */
export function joinBodies(events: readonly WebhookEvent[]): {
  readonly bodies: Buffer;
  readonly offsets: number[];
  readonly lengths: number[];
} {
  let offset = 0;
  const offsets: number[] = [];
  const lengths: number[] = [];
  for (const { rawBody } of events) {
    offsets.push(offset);
    lengths.push(rawBody.length);
    offset += rawBody.length;
  }
  return { bodies: Buffer.concat(events.map(({ rawBody }) => rawBody)), offsets, lengths };
}

/** Text of a handler or a sender: PostgreSQL keeps no NUL in it. */
export function toText(value: string): string {
  return value.replaceAll('\0', '\uFFFD');
}
