/** Calls back with what a run gives, or with what it throws: with no promise more than the run's own. */
export function followRun<T>(
  run: () => T | Promise<T>,
  onResult: (result: T) => void,
  onError: (error: unknown) => void,
): void {
  try {
    Promise.resolve(run()).then(onResult, onError);
  } catch (error) {
    onError(error);
  }
}
