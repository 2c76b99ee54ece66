import { describe, expect, it } from '@jest/globals';
import { runUntilDeadline } from '../../src/handlers/run-until-deadline.js';
import type { Clock } from '../../src/index.js';
import { deferred } from '../support/deferred.js';
import { watchedClock } from '../support/watched-clock.js';

const START = 1_000;
const TOO_LATE = new Error('too late');
const DEADLINE = { atMs: START + 100, createError: () => TOO_LATE };

describe('runUntilDeadline', () => {
  it('gives what the run gives in time, and leaves no timer', async () => {
    const clock = watchedClock(START);

    await expect(runUntilDeadline(() => 'now', clock, DEADLINE)).resolves.toBe('now');
    await expect(runUntilDeadline(async () => 'soon', clock, DEADLINE)).resolves.toBe('soon');

    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('rejects as the run does, and leaves no timer', async () => {
    const clock = watchedClock(START);
    const error = new Error('no');
    const throwing = (): never => {
      throw error;
    };

    await expect(runUntilDeadline(throwing, clock, DEADLINE)).rejects.toBe(error);
    await expect(runUntilDeadline(async () => throwing(), clock, DEADLINE)).rejects.toBe(error);

    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('rejects at the deadline, and then says so', async () => {
    const clock = watchedClock(START);
    const told: Error[] = [];
    const run = runUntilDeadline(() => new Promise(() => {}), clock, DEADLINE, {
      onStart: () => {},
      onGiveUp: (reason) => told.push(reason),
    });
    const settled = run.catch((error: unknown) => error);

    await clock.advance(99);
    const toldBefore = [...told];
    await clock.advance(1);

    expect(await settled).toBe(TOO_LATE);
    expect(toldBefore).toEqual([]);
    expect(told).toEqual([TOO_LATE]);
  });

  it('does not begin at or after the deadline', async () => {
    const clock = watchedClock(START + 100);
    let runs = 0;

    const run = runUntilDeadline(() => (runs += 1), clock, DEADLINE);

    await expect(run).rejects.toBe(TOO_LATE);
    expect(runs).toBe(0);
    expect(clock.pendingDelaysMs()).toEqual([]);
  });

  it('refuses a result that kept the process busy until after the deadline', async () => {
    let nowMs = START;
    // A timer cannot fire while the process is busy.
    const clock: Clock = { now: () => nowMs, setTimer: () => () => {} };
    const told: Error[] = [];

    const run = runUntilDeadline(() => (nowMs += 100), clock, DEADLINE, {
      onStart: () => {},
      onGiveUp: (reason) => told.push(reason),
    });

    await expect(run).rejects.toBe(TOO_LATE);
    expect(told).toEqual([TOO_LATE]);
  });

  it('may be given up before', async () => {
    const clock = watchedClock(START);
    const started = deferred<(reason: Error) => void>();
    const told: Error[] = [];
    const aborted = new Error('the process ends');

    const run = runUntilDeadline(() => new Promise(() => {}), clock, DEADLINE, {
      onStart: started.resolve,
      onGiveUp: (reason) => told.push(reason),
    });
    (await started.promise)(aborted);

    await expect(run).rejects.toBe(aborted);
    expect(told).toEqual([aborted]);
    expect(clock.pendingDelaysMs()).toEqual([]);
  });
});
