import { InvalidReplyError } from '../errors/invalid-reply.error.js';

/**
 * The JSON of a reply. Only a plain object is one: of a `Map`, a `Date` or an array, JSON would make
 * something else than its author means.
 * @throws InvalidReplyError saying what it is instead, without its content.
 */
export function toReplyJson(reply: unknown): string {
  if (!isPlainObject(reply)) throw notAnObject(kindOf(reply));
  let json: unknown;
  try {
    json = JSON.stringify(reply);
  } catch (cause) {
    throw new InvalidReplyError('The reply cannot be written as JSON.', { cause });
  }
  // Its own toJSON may have made anything of it.
  if (typeof json === 'string' && json.startsWith('{')) return json;
  throw notAnObject('an object with a toJSON() that gives none');
}

/** Also one of another realm, such as a test runner's sandbox, or without a prototype. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an instance of ${(value as { constructor?: Function }).constructor?.name ?? 'a class'}`;
}

function notAnObject(kind: string): InvalidReplyError {
  return new InvalidReplyError(
    `The reply is ${kind}. Return a plain object, such as { approved: true }.`,
  );
}
