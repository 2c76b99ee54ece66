import { describe, expect, it } from '@jest/globals';
import { retryDelayMs } from '../../src/inbox/retry-policy.js';

const POLICY = { attempts: 24, minDelayMs: 5000, maxDelayMs: 21_600_000 };
const HIGHEST = 1 - Number.EPSILON;

describe('the delay before another attempt', () => {
  it('doubles with every attempt', () => {
    const delays = [1, 2, 3, 4].map((attempt) => retryDelayMs(POLICY, attempt, 0));

    expect(delays).toEqual([5000, 10_000, 20_000, 40_000]);
  });

  it('lies at random between one step and the next', () => {
    expect(retryDelayMs(POLICY, 3, 0)).toBe(20_000);
    expect(retryDelayMs(POLICY, 3, 0.5)).toBe(30_000);
    expect(retryDelayMs(POLICY, 3, HIGHEST)).toBeCloseTo(40_000);
  });

  it('is never longer than the longest, and at random there too', () => {
    for (const attempt of [13, 24, 2000]) {
      expect(retryDelayMs(POLICY, attempt, 0)).toBe(10_800_000);
      expect(retryDelayMs(POLICY, attempt, HIGHEST)).toBeCloseTo(21_600_000);
    }
  });

  it('is the shortest where the longest is no longer than that', () => {
    const policy = { attempts: 3, minDelayMs: 100, maxDelayMs: 100 };

    expect([0, HIGHEST].map((random) => retryDelayMs(policy, 5, random))).toEqual([100, 100]);
  });

  it('gives a delivery more than two days by default', () => {
    let totalMs = 0;
    for (let attempt = 1; attempt < POLICY.attempts; attempt++) {
      totalMs += retryDelayMs(POLICY, attempt, 0.5);
    }

    expect(totalMs / 3_600_000).toBeGreaterThan(48);
  });
});
