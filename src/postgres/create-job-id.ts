import { createHash } from 'node:crypto';

/** Namespace of the ids, as RFC 9562 asks for in version 5. */
const NAMESPACE = Buffer.from('8f1d3c0e6a4b4f0c9e571d2a7b3c5e90', 'hex');

/**
 * The id of a delivery's job: a UUID of version 5, the same in every process. The parts are put together
 * so that no two deliveries read the same.
 */
export function createJobId(
  source: string,
  eventId: string,
  handler: string,
  replay: number,
): string {
  const name = JSON.stringify([source, eventId, handler, replay]);
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
