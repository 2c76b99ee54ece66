import type { Arbitrary } from 'fast-check';
import { ORDERLY } from './chaos-plan.js';
import type { ChaosKinds, ChaosPlan, FaultPoint } from './chaos-plan.js';
import type { FastCheck } from './load-fast-check.js';

/** As many faults as are tried one by one before they are mixed with the rest. */
const MAX_SINGLE_FAULTS = 60;
const MAX_TURNS = 12;

/** Runs that mix everything asked for. They shrink to fewer events in their order, one after another. */
export function mixedPlans(
  fc: FastCheck,
  { times, isConcurrent, isShuffled }: ChaosKinds,
  eventCount: number,
  faultCount: number,
): Arbitrary<ChaosPlan> {
  const event = fc.nat(Math.max(0, eventCount - 1));
  const sending = fc.nat(eventCount * times - 1);
  const upTo = (maxLength: number) => ({ maxLength });
  return fc.record({
    kept: keptEvents(fc, eventCount),
    repeats: fc.array(event, upTo(eventCount * (times - 1))),
    swaps: fc.array(fc.tuple(sending, sending), upTo(isShuffled ? eventCount * times : 0)),
    isConcurrent: isConcurrent ? fc.boolean() : fc.constant(false),
    turns: fc.array(
      fc.record({ wait: fc.nat(3), isImpatient: fc.boolean() }),
      upTo(isConcurrent ? MAX_TURNS : 0),
    ),
    faults: fc.array(fc.nat(Math.max(0, faultCount - 1)), upTo(Math.min(faultCount, 2))),
  });
}

/** Runs that try each kind alone, in its plainest form: most wrong handlers are found by one of them. */
export function plainPlans(
  { times, isConcurrent, isShuffled }: ChaosKinds,
  eventCount: number,
  points: readonly FaultPoint[],
): ChaosPlan[] {
  const kept = [...Array(eventCount).keys()];
  const orderly: ChaosPlan = { kept, ...ORDERLY };
  const everyRepeat = Array.from({ length: times - 1 }, () => kept).flat();
  const reversed = kept
    .slice(0, Math.floor(eventCount / 2))
    .map((place): [number, number] => [place, eventCount - 1 - place]);
  const neighbours = kept.slice(1).map((place): ChaosPlan => {
    return { ...orderly, swaps: [[place - 1, place]] };
  });

  return [
    ...(times > 1 ? [{ ...orderly, repeats: everyRepeat }] : []),
    ...(isShuffled ? [{ ...orderly, swaps: reversed }, ...neighbours] : []),
    ...(isConcurrent ? [{ ...orderly, isConcurrent }] : []),
    ...(isConcurrent && times > 1 ? [{ ...orderly, isConcurrent, repeats: everyRepeat }] : []),
    ...evenly(points, MAX_SINGLE_FAULTS).map((place) => ({ ...orderly, faults: [place] })),
  ];
}

/** Which events are sent. Shrinks by leaving out any of them. */
function keptEvents(fc: FastCheck, eventCount: number): Arbitrary<readonly number[]> {
  const places = [...Array(eventCount).keys()];
  return fc.tuple(...places.map(() => fc.boolean())).map(
    (areKept) => places.filter((place) => areKept[place]),
    (kept) => places.map((place) => (kept as readonly number[]).includes(place)),
  );
}

/** The places of a list, or as many of them as may be, at even distances. */
function evenly(list: readonly unknown[], max: number): number[] {
  const step = Math.max(1, list.length / max);
  return Array.from({ length: Math.min(list.length, max) }, (_, index) => Math.floor(index * step));
}
