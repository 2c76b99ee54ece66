import { describe, expect, it } from '@jest/globals';
import { manualClock } from '../../src/testing/manual-clock.js';

describe('A manual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = manualClock(1000);

    const before = clock.now();
    await clock.advance(250);

    expect(before).toBe(1000);
    expect(clock.now()).toBe(1250);
  });

  it('starts at the present time unless told otherwise', () => {
    const before = Date.now();

    const now = manualClock().now();

    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('runs what falls due on the way, each at its own time, and nothing later', async () => {
    const clock = manualClock(0);
    const calls: [string, number][] = [];
    const note = (name: string) => () => void calls.push([name, clock.now()]);
    clock.setTimer(note('third'), 300);
    clock.setTimer(note('first'), 100);
    clock.setTimer(note('later'), 301);
    clock.setTimer(note('second'), 200);

    await clock.advance(300);

    expect(calls).toEqual([
      ['first', 100],
      ['second', 200],
      ['third', 300],
    ]);
  });

  it('runs timers of the same moment in the order in which they were set', async () => {
    const clock = manualClock(0);
    const calls: number[] = [];
    for (const index of [1, 2, 3]) clock.setTimer(() => calls.push(index), 50);

    await clock.advance(50);

    expect(calls).toEqual([1, 2, 3]);
  });

  it('runs a timer once', async () => {
    const clock = manualClock(0);
    let calls = 0;
    clock.setTimer(() => (calls += 1), 10);

    await clock.advance(10);
    await clock.advance(10);

    expect(calls).toBe(1);
  });

  it('runs what is due now without being moved', async () => {
    const clock = manualClock(0);
    let calls = 0;
    clock.setTimer(() => (calls += 1), 0);

    await clock.advance(0);

    expect(calls).toBe(1);
  });

  it('does not run what was cancelled, also by another timer', async () => {
    const clock = manualClock(0);
    const calls: string[] = [];
    const cancel = clock.setTimer(() => calls.push('cancelled'), 10);
    const cancelLate = clock.setTimer(() => calls.push('cancelled by the other'), 30);
    clock.setTimer(() => cancelLate(), 20);

    cancel();
    await clock.advance(100);

    expect(calls).toEqual([]);
  });

  it('runs the timers that the work of another has set', async () => {
    const clock = manualClock(0);
    const times: number[] = [];
    const again = async (): Promise<void> => {
      times.push(clock.now());
      await Promise.resolve();
      clock.setTimer(() => void again(), 100);
    };
    clock.setTimer(() => void again(), 100);

    await clock.advance(350);

    expect(times).toEqual([100, 200, 300]);
    expect(clock.now()).toBe(350);
  });
});
