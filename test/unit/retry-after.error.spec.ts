import { describe, expect, it } from '@jest/globals';
import { RetryAfterError } from '../../src/errors/retry-after.error.js';

describe('RetryAfterError', () => {
  it.each([0, 0.5, 60_000])('takes a number of milliseconds: %p', (delayMs) => {
    expect(new RetryAfterError(delayMs)).toMatchObject({ delayMs, retryAt: undefined });
  });

  it('takes the moment itself', () => {
    const retryAt = new Date(1_800_000_000_000);

    expect(new RetryAfterError(retryAt)).toMatchObject({ retryAt, delayMs: undefined });
  });

  it('keeps the message and the cause', () => {
    const cause = new Error('429');

    const error = new RetryAfterError(1000, 'One request a minute', { cause });

    expect(error).toMatchObject({ code: 'retry_after', message: 'One request a minute', cause });
  });

  it.each<[string, unknown]>([
    ['Infinity', Infinity],
    ['minus Infinity', -Infinity],
    ['NaN', NaN],
    ['an invalid date', new Date('soon')],
    ['a text, as in a Retry-After header', '60'],
    ['an empty text', ''],
    ['undefined', undefined],
    ['null', null],
    ['more than a date holds', 1e300],
    ['an object', {}],
  ])('refuses %s', (_what, after) => {
    const creating = (): unknown => new RetryAfterError(after as number);

    expect(creating).toThrow(RangeError);
    expect(creating).toThrow('a number of milliseconds, or a valid date');
  });
});
