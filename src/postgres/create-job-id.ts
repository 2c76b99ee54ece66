import { createHash } from 'node:crypto';

/** Namespace of the ids, as RFC 9562 asks for in version 5. */
const NAMESPACE = Buffer.from('8f1d3c0e6a4b4f0c9e571d2a7b3c5e90', 'hex');

/** The id of a delivery's job, the same in every process. */
export function createJobId(
  source: string,
  eventId: string,
  handler: string,
  replay: number,
): string {
  return createUuid([source, eventId, handler, replay]);
}

/** A UUID of version 5. The parts are put together so that no two lists of them read the same. */
export function createUuid(parts: readonly (string | number)[]): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest();
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
