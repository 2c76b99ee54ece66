/** What a test sees of a disturbance that the chaos of a test has made. */
export class ChaosError extends Error {
  override readonly name = 'ChaosError';
}
