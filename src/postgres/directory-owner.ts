import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What an owner's file holds when its directory was given back. */
export const RELEASED = 'released';

const FILE = 'webhook-inbox.lock.';
const NUMBERED = /^webhook-inbox\.lock\.(\d+)$/;

/** Who took a directory last, by the file that says so. */
export interface LastOwner {
  /** One more than that of the owner before; 0 where nobody has taken it yet. */
  readonly number: number;
  /** Undefined where it has given the directory back. */
  readonly id: string | undefined;
  /** Another one each time the owner touches its file, and for each owner. */
  readonly signOfLife: string;
}

/** The owner with the highest number. */
export async function findLastOwner(directory: string): Promise<LastOwner> {
  const number = Math.max(0, ...(await ownersIn(directory)));
  const path = ownerPath(directory, number);
  try {
    // Opening it before makes a network file system ask for its time, too.
    const id = await readFile(path, 'utf8');
    const { mtimeMs } = await stat(path);
    return {
      number,
      id: id === RELEASED ? undefined : id,
      signOfLife: `${number} ${id} ${mtimeMs}`,
    };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    // Nobody has taken it yet, or this one was succeeded since: only then is its file removed.
    return { number, id: undefined, signOfLife: `${number}` };
  }
}

/** The numbers of all whose files are there. */
export async function ownersIn(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => NUMBERED.exec(name)?.[1] ?? []).map(Number);
}

export function ownerPath(directory: string, number: number): string {
  return join(directory, `${FILE}${number}`);
}

export function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
