import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/inbox/clock.js';

const countTimers = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

describe('The timers of the system clock', () => {
  it('call back once their delay has passed', async () => {
    const startedAtMs = performance.now();

    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 20));

    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(19);
  });

  it('leave nothing in Node when they are cancelled in the turn they were set in', async () => {
    const before = countTimers();

    systemClock.setTimer(() => {}, 30_000)();
    await setImmediate();

    expect(countTimers()).toBe(before);
  });

  it('are in Node after that turn, and no longer when they are cancelled', async () => {
    const before = countTimers();

    const cancel = systemClock.setTimer(() => {}, 30_000);
    await setImmediate();
    const whileSet = countTimers();
    cancel();

    expect([whileSet, countTimers()]).toEqual([before + 1, before]);
  });

  it('are called back when others that were set with them are cancelled', async () => {
    const cancelFirst = systemClock.setTimer(() => {}, 1);
    const second = new Promise<string>((resolve) =>
      systemClock.setTimer(() => resolve('second'), 1),
    );
    cancelFirst();

    expect(await second).toBe('second');
  });
});
