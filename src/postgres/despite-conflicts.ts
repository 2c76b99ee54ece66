import { isConflict } from './sql-errors.js';

const MAX_TRIES = 6;

/** Does again what another transaction has crossed. It has changed nothing then. */
export async function despiteConflicts<T>(
  work: () => Promise<T>,
  maxTries = MAX_TRIES,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || tries >= maxTries) throw error;
    }
  }
}
