import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** Who has a directory, by the file that says so. */
export interface DirectoryOwner {
  readonly id: string;
  readonly path: string;
  /** Another one each time the owner touches its file. */
  readonly signOfLife: string;
}

/** The owner by the file at this path, or the last of those that have succeeded it, each another. */
export async function findOwner(path: string): Promise<DirectoryOwner | undefined> {
  let owner = await readOwner(path);
  for (let next = owner; next; next = await readOwner(successorPath(path, next.id))) owner = next;
  return owner;
}

/** The file that whoever succeeds this owner makes. */
export function successorPath(path: string, id: string): string {
  return `${path}.${createHash('sha1').update(id).digest('hex')}`;
}

async function readOwner(path: string): Promise<DirectoryOwner | undefined> {
  try {
    const [id, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { id, path, signOfLife: `${id} ${mtimeMs}` };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
