/**
 * Waits for something, but not for ever: a test runner's own time limit would not say what was missing.
 *
 * @param wait Ends when its signal is aborted.
 * @param describe Says, when the time is over, what has not happened.
 */
export async function within<T>(
  withinMs: number,
  wait: (signal: AbortSignal) => Promise<T>,
  describe: () => Promise<string>,
): Promise<T> {
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      describe().then((what) => reject(new Error(what)), reject);
    }, withinMs);
  });
  try {
    return await Promise.race([wait(giveUp.signal), timeout]);
  } finally {
    clearTimeout(timer);
    giveUp.abort();
  }
}
