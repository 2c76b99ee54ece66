import { afterEach, expect, it } from '@jest/globals';
import { withoutStack } from '../../src/errors/without-stack.js';

const { stackTraceLimit } = Error;

afterEach(() => {
  Object.defineProperty(Error, 'stackTraceLimit', {
    value: stackTraceLimit,
    configurable: true,
    enumerable: true,
    writable: true,
  });
});

it('gives the error with its message and no frames', () => {
  const error = withoutStack(() => new RangeError('too much'));

  expect(error).toBeInstanceOf(RangeError);
  expect(error.stack).toBe('RangeError: too much');
});

it('leaves other errors their frames', () => {
  withoutStack(() => new Error('cheap'));

  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  expect(new Error('dear').stack).toContain('\n    at ');
});

it('leaves other errors their frames after making one has failed', () => {
  const making = (): Error =>
    withoutStack(() => {
      throw new Error('no error today');
    });

  expect(making).toThrow('no error today');
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

it('gives the error with its frames where the limit is frozen', () => {
  Object.defineProperty(Error, 'stackTraceLimit', { value: 5, writable: false });

  const error = withoutStack(() => new Error('dear'));

  expect(error.stack).toContain('\n    at ');
});
