/** What may go wrong in a run. */
export type FaultKind = 'fail' | 'crash';

/** Where an attempt is disturbed. */
export interface FaultPoint {
  readonly kind: FaultKind;
  /** The event, by its place in the list. */
  readonly event: number;
  readonly handler: string;
  /**
   * The call to a provider that fails in place of its effect, or after whose effect the process crashes;
   * 0 for a failure before the method begins, and for a crash after it has ended.
   */
  readonly call: number;
}

/** Which waiting attempt goes on, and whether it is left the time to come to its next call. */
export interface Turn {
  /** How many that wait longer are passed over; -1 for all, so that one goes on until it has ended. */
  readonly wait: number;
  readonly isImpatient: boolean;
}

/** One run: which events are sent in which order, how often, whether at once, and what is disturbed. */
export interface ChaosPlan {
  /** The events that are sent, by their places in the list. */
  readonly kept: readonly number[];
  /** Events that come once more, and whose handlers run once more. */
  readonly repeats: readonly number[];
  /** Whether they come again only after all others have come. */
  readonly isLate: boolean;
  /** Sendings that change places. */
  readonly swaps: readonly (readonly [number, number])[];
  readonly isConcurrent: boolean;
  readonly turns: readonly Turn[];
  /** Places in the list of fault points. */
  readonly faults: readonly number[];
}

/** What a user asked for. */
export interface ChaosKinds {
  /** How often each event comes; 1 where it is not to be repeated. */
  readonly times: number;
  readonly isConcurrent: boolean;
  readonly isShuffled: boolean;
  /** The handlers that fail, and those that crash; `all` for every one. */
  readonly failing: readonly string[] | 'all';
  readonly crashing: readonly string[] | 'all';
}

/** What has been tried. */
export interface ChaosReport {
  readonly runs: number;
  readonly seed: number;
  /**
   * Handlers that called no method of a provider: nothing was tried between their statements. A library
   * whose statements are not methods of a provider (`prisma.user.update`) is not seen.
   */
  readonly uninterrupted: readonly string[];
}

export const ORDERLY: Omit<ChaosPlan, 'kept'> = {
  repeats: [],
  isLate: false,
  swaps: [],
  isConcurrent: false,
  turns: [],
  faults: [],
};

/** The events in the order in which they are sent. One that is left out changes nothing for the others. */
export function sendingsOf(
  { kept, repeats, isLate, swaps }: ChaosPlan,
  eventCount: number,
): number[] {
  const all = [...Array(eventCount).keys()];
  const again = [...repeats].sort((left, right) => left - right);
  const sendings = isLate
    ? [...all, ...again]
    : all.flatMap((event) => [event, ...again.filter((each) => each === event)]);
  for (const [left, right] of swaps) {
    const [from, to] = [left % sendings.length, right % sendings.length];
    [sendings[from], sendings[to]] = [sendings[to]!, sendings[from]!];
  }
  return sendings.filter((event) => kept.includes(event));
}
