/** The bytes of an event that was given as text or as bytes; undefined for one that was given as an object. */
export function eventBytes(given: unknown): Buffer | undefined {
  const isText = typeof given === 'string' || given instanceof Uint8Array;
  return isText ? Buffer.from(given as string) : undefined;
}
