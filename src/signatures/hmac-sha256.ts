import { createHmac, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA256 of `prefix` followed by the body's bytes as they arrived. */
export function hmacSha256(
  key: string | Buffer,
  prefix: string,
  rawBody: Buffer,
  encoding: 'hex' | 'base64',
): string {
  return createHmac('sha256', key).update(prefix).update(rawBody).digest(encoding);
}

/** Compares two signatures in constant time. Only their lengths, which are no secret, can tell them apart sooner. */
export function equalSignatures(expected: string, candidate: string): boolean {
  const expectedBytes = Buffer.from(expected);
  const candidateBytes = Buffer.from(candidate);
  return (
    expectedBytes.length === candidateBytes.length && timingSafeEqual(expectedBytes, candidateBytes)
  );
}
