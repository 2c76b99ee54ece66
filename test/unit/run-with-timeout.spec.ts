import { describe, expect, it, jest } from '@jest/globals';
import { runWithTimeout } from '../../src/handlers/run-with-timeout.js';
import { manualClock } from '../../src/testing/manual-clock.js';
import { deferred } from '../support/deferred.js';

function arrange() {
  const clock = manualClock(0);
  const onTimeout = jest.fn();
  const timeoutError = new Error('given up');
  let stopTiming = (): void => undefined;
  const limits = {
    timeoutMs: 100,
    abandonAfterMs: 1000,
    onStart: (stop: () => void) => {
      stopTiming = stop;
    },
    onTimeout,
    createTimeoutError: () => timeoutError,
  };
  const start = <T>(run: () => T | Promise<T>): Promise<T> => runWithTimeout(run, clock, limits);
  return { clock, onTimeout, timeoutError, start, stopTiming: () => stopTiming() };
}

describe('A run with a timeout', () => {
  it('gives what it returns', async () => {
    const { start } = arrange();

    expect(await start(async () => 'returned')).toBe('returned');
  });

  it('rejects with what it throws', async () => {
    const { start } = arrange();
    const error = new Error('its own');

    const running = start(async () => {
      throw error;
    });

    await expect(running).rejects.toBe(error);
  });

  it('is told when its time is over, and not a millisecond before', async () => {
    const { clock, onTimeout, start } = arrange();
    const work = deferred();
    const running = start(() => work.promise);

    await clock.advance(99);
    const callsBefore = onTimeout.mock.calls.length;
    await clock.advance(1);

    expect(callsBefore).toBe(0);
    expect(onTimeout).toHaveBeenCalledTimes(1);
    work.resolve();
    await running;
  });

  it('still counts when it returns after its time', async () => {
    const { clock, start } = arrange();
    const work = deferred<string>();
    const running = start(() => work.promise);

    await clock.advance(999);
    work.resolve('late');

    await expect(running).resolves.toBe('late');
  });

  it('still counts when it fails after its time', async () => {
    const { clock, start } = arrange();
    const work = deferred();
    const running = start(() => work.promise);

    await clock.advance(999);
    work.reject(new Error('late'));

    await expect(running).rejects.toThrow('late');
  });

  it('is given up when it does not return at all', async () => {
    const { clock, timeoutError, start } = arrange();
    const work = deferred();
    const running = start(() => work.promise);
    running.catch(() => undefined);

    await clock.advance(1000);

    await expect(running).rejects.toBe(timeoutError);
  });

  it('cannot change what it came to once it was given up', async () => {
    const { clock, timeoutError, start } = arrange();
    const work = deferred();
    const running = start(() => work.promise);
    running.catch(() => undefined);
    await clock.advance(1000);

    work.resolve();

    await expect(running).rejects.toBe(timeoutError);
  });

  it.each([
    ['before its time is over', 0],
    ['after it was told', 500],
  ])('leaves no timer behind when it returns %s', async (_when, afterMs) => {
    const pending = new Set<object>();
    const clock = manualClock(0);
    const counting = {
      now: () => clock.now(),
      setTimer: (callback: () => void, delayMs: number) => {
        const timer = {};
        pending.add(timer);
        const cancel = clock.setTimer(() => {
          pending.delete(timer);
          callback();
        }, delayMs);
        return () => {
          pending.delete(timer);
          cancel();
        };
      },
    };
    const work = deferred();
    const running = runWithTimeout(() => work.promise, counting, {
      timeoutMs: 100,
      abandonAfterMs: 1000,
      onStart: () => undefined,
      onTimeout: () => undefined,
      createTimeoutError: () => new Error('given up'),
    });
    await clock.advance(afterMs);
    expect(pending.size).toBe(1);

    work.resolve();
    await running;

    await clock.advance(0);
    expect(pending.size).toBe(0);
  });

  it.each([50, 500])(
    'has no timer left when its timing is stopped after %i ms',
    async (afterMs) => {
      const { clock, start, stopTiming } = arrange();
      const work = deferred<string>();
      const running = start(() => work.promise);
      await clock.advance(afterMs);

      stopTiming();
      await clock.advance(10_000);
      work.resolve('late');

      expect(await running).toBe('late');
    },
  );
});
