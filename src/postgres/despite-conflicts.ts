import { isConflict } from './sql-errors.js';

const MAX_TRIES = 6;

/** Does again what another transaction has crossed. It has changed nothing then. */
export async function despiteConflicts<T>(
  work: () => Promise<T>,
  triesLeft = MAX_TRIES,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isConflict(error) || triesLeft <= 1) throw error;
    return despiteConflicts(work, triesLeft - 1);
  }
}
