import type { Arbitrary } from 'fast-check';
import { ORDERLY } from './chaos-plan.js';
import type { ChaosKinds, ChaosPlan, Turn } from './chaos-plan.js';
import type { FastCheck } from './load-fast-check.js';
import type { Orderly } from './orderly.js';

/** As many faults as are tried one by one before they are mixed with the rest. */
const MAX_SINGLE_FAULTS = 60;
/** Of a plan. Those that are made up have fewer; fast-check makes nothing smaller that has more. */
const MAX_TURNS = 160;
/** After how many calls of each, at most, one attempt overtakes the others. */
const MAX_CALLS_BEFORE = 5;

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
    isLate: times > 1 ? fc.boolean() : fc.constant(false),
    swaps: fc.array(fc.tuple(sending, sending), upTo(isShuffled ? eventCount * times : 0)),
    isConcurrent: isConcurrent ? fc.boolean() : fc.constant(false),
    turns: fc.array(
      fc.record({ wait: fc.integer({ min: -1, max: 3 }), isImpatient: fc.boolean() }),
      { maxLength: isConcurrent ? MAX_TURNS : 0, size: 'small' },
    ),
    faults: fc.array(fc.nat(Math.max(0, faultCount - 1)), upTo(Math.min(faultCount, 2))),
  });
}

/** Runs that try each kind alone, in its plainest form: most wrong handlers are found by one of them. */
export function plainPlans(
  { times, isConcurrent, isShuffled }: ChaosKinds,
  eventCount: number,
  { points, calls }: Orderly,
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
    ...(times > 1 ? [{ ...orderly, repeats: everyRepeat, isLate: true }] : []),
    ...(isShuffled ? [{ ...orderly, swaps: reversed }, ...neighbours] : []),
    ...(isConcurrent ? [{ ...orderly, isConcurrent }] : []),
    ...(isConcurrent
      ? overtaking(calls).map((turns) => ({ ...orderly, isConcurrent, turns }))
      : []),
    ...(isConcurrent && times > 1 ? [{ ...orderly, isConcurrent, repeats: everyRepeat }] : []),
    ...evenly(points, MAX_SINGLE_FAULTS).map((place) => ({ ...orderly, faults: [place] })),
  ];
}

/** Turns by which all attempts make so many calls, and then one after another goes on to its end. */
function overtaking(calls: readonly number[]): Turn[][] {
  const most = Math.min(Math.max(0, ...calls), MAX_CALLS_BEFORE);
  return Array.from({ length: most }, (_, before) => {
    const together = calls.reduce((sum, count) => sum + Math.min(count + 1, before + 1), 0);
    const first = Math.min(together, MAX_TURNS / 2);
    return [...repeat(first, 0), ...repeat(MAX_TURNS - first, -1)];
  });
}

function repeat(count: number, wait: number): Turn[] {
  return Array.from({ length: count }, () => ({ wait, isImpatient: false }));
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
