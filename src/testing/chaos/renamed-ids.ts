import { randomBytes } from 'node:crypto';

/**
 * Gives the events of a run ids of their own, so that an inbox which has seen them before takes them for
 * new ones; and takes that back in what a run has come to.
 */
export interface RenamedIds {
  rename(id: string): string;
  /** A body with each of these ids replaced. */
  renameIn(body: string, ids: readonly string[]): string;
  /** A copy of a state with the ids as they were. */
  restoreIn(state: unknown): unknown;
}

const RUN_SUFFIX = /__run[0-9a-f]{12}/g;

/** For an inbox that has seen nothing yet. */
export const sameIds: RenamedIds = {
  rename: (id) => id,
  renameIn: (body) => body,
  restoreIn,
};

export function renamedIds(): RenamedIds {
  const suffix = `__run${randomBytes(6).toString('hex')}`;
  const rename = (id: string): string => `${id}${suffix}`;
  return {
    rename,
    renameIn: (body, ids) =>
      ids.reduce(
        (text, id) => text.replaceAll(JSON.stringify(id), JSON.stringify(rename(id))),
        body,
      ),
    restoreIn,
  };
}

function restoreIn(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(RUN_SUFFIX, '');
  if (Array.isArray(value)) return value.map(restoreIn);
  if (value instanceof Map)
    return new Map([...value].map((entry) => restoreIn(entry) as [unknown, unknown]));
  if (value instanceof Set) return new Set([...value].map(restoreIn));
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [restoreIn(key), restoreIn(each)]),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return !(value instanceof Date) && !ArrayBuffer.isView(value) && prototype !== undefined;
}
