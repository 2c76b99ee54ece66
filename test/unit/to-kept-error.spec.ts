import { describe, expect, it } from '@jest/globals';
import { stackFrames, toKeptError } from '../../src/handlers/to-kept-error.js';

describe('What is kept of an error', () => {
  it('is its name and its message', () => {
    expect(toKeptError(new TypeError('No.'))).toEqual({ name: 'TypeError', message: 'No.' });
  });

  it.each<[unknown, string]>([
    ['ECONNRESET', 'ECONNRESET'],
    [23505, '23505'],
    ['', ''],
  ])('is its code as well: %j', (code, kept) => {
    expect(toKeptError(Object.assign(new Error('No.'), { code })).code).toBe(kept);
  });

  it.each([undefined, null, {}, ['a'], Symbol('code'), () => 'code'])(
    'is no code that is neither text nor a number: %p',
    (code) => {
      expect(toKeptError(Object.assign(new Error('No.'), { code }))).toEqual({
        name: 'Error',
        message: 'No.',
      });
    },
  );

  it('is nothing else of it: not its stack, its cause or its own properties', () => {
    const error = Object.assign(new Error('No.', { cause: 'secret' }), { payload: 'secret' });

    expect(Object.keys(toKeptError(error)).sort()).toEqual(['message', 'name']);
  });

  it('is cut at 1024 characters and shows that it was', () => {
    const fits = toKeptError(new Error('m'.repeat(1024)));
    const cut = toKeptError(
      Object.assign(new Error('m'.repeat(1025)), {
        name: 'n'.repeat(2000),
        code: 'c'.repeat(2000),
      }),
    );

    expect(fits.message).toBe('m'.repeat(1024));
    expect(cut.message).toBe(`${'m'.repeat(1023)}…`);
    expect([cut.name, cut.code].map((text) => text?.length)).toEqual([1024, 1024]);
  });

  it.each([
    ['string', 'whsec_secret'],
    ['undefined', undefined],
    ['object', null],
    ['object', { message: 'whsec_secret' }],
    ['number', 404],
    ['symbol', Symbol('whsec_secret')],
  ])('is only the type of a %s that was thrown instead of one', (type, thrown) => {
    expect(toKeptError(thrown)).toEqual({
      name: 'Error',
      message: `Something else than an error was thrown: ${type}.`,
    });
  });

  it('is kept of an error whose properties throw', () => {
    const error = Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('whsec_secret');
      },
    });

    expect(toKeptError(error)).toEqual({
      name: 'Error',
      message: 'An error whose properties cannot be read was thrown.',
    });
  });

  it('is text, whatever the error gives for its name and message', () => {
    const error = Object.assign(new Error(), { name: 7, message: { deep: true } });

    expect(toKeptError(error)).toEqual({ name: '7', message: '[object Object]' });
  });
});

describe('The frames of an error', () => {
  it('are its stack without its message', () => {
    const frames = stackFrames(new TypeError('whsec_secret'));

    expect(frames).toMatch(/^ {4}at .*to-kept-error\.spec/);
    expect(frames).not.toContain('whsec_secret');
  });

  it('hold nothing of a message that looks like a frame', () => {
    const payload = 'whsec_secret '.repeat(400);
    const error = new Error(`Bad reply:\n    at line 1: ${payload}\n    at line 2: ${payload}`);

    const frames = stackFrames(error);

    expect(frames).toMatch(/^ {4}at .*to-kept-error\.spec/);
    expect(frames).not.toContain('whsec_secret');
  });

  it('are cut at 4 KB', () => {
    const stack = `Error: No.\n${'    at run (file.js:1:1)\n'.repeat(1000)}`;

    const frames = stackFrames(Object.assign(new Error('No.'), { stack }));

    expect(frames).toMatch(/^ {4}at run /);
    expect(frames).toHaveLength(4096);
  });

  it.each<[string, unknown]>([
    ['a string', 'whsec_secret'],
    ['an object with a stack', { message: '', stack: '\n    at whsec_secret' }],
    ['an error without a stack', Object.assign(new Error('No.'), { stack: undefined })],
    ['an error with a stack of its own kind', Object.assign(new Error('No.'), { stack: [] })],
    ['an error without frames', Object.assign(new Error('No.'), { stack: 'Error: No.' })],
  ])('are none of %s', (_what, thrown) => {
    expect(stackFrames(thrown)).toBeUndefined();
  });
});
