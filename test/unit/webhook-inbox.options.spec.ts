import { describe, expect, it } from '@jest/globals';
import { WebhookConfigurationError } from '../../src/errors/webhook-configuration.error.js';
import { memoryEngine } from '../../src/inbox/memory/memory-engine.js';
import {
  abandonAfter,
  assertDelay,
  resolveEngine,
  resolveInboxOptions,
} from '../../src/inbox/webhook-inbox.options.js';
import type { WebhookInboxOptions } from '../../src/inbox/webhook-inbox.options.js';

describe('The options of the inbox', () => {
  it('have defaults, and cannot be changed afterwards', () => {
    const settings = resolveInboxOptions();

    expect(settings).toMatchObject({
      concurrency: 16,
      timeoutMs: 30_000,
      abandonAfterMs: 300_000,
      retry: { attempts: 24, minDelayMs: 5000, maxDelayMs: 21_600_000 },
      ack: undefined,
      worker: true,
      keepBodiesDays: 30,
      keepIdsDays: 35,
      shutdownTimeoutMs: 10_000,
      around: undefined,
      onDead: undefined,
    });
    expect(resolveInboxOptions({})).toEqual(settings);
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('are taken as given', () => {
    const around = (_context: unknown, run: () => Promise<unknown>): Promise<unknown> => run();
    const onDead = (): void => undefined;
    const numbers = { concurrency: 1, timeoutMs: 5, abandonAfterMs: 6, shutdownTimeoutMs: 7 };

    expect(
      resolveInboxOptions({ ...numbers, retry: { attempts: 2 }, around, onDead }),
    ).toMatchObject({ ...numbers, retry: { attempts: 2 }, around, onDead });
  });

  it('give up a handler after ten times a long timeout', () => {
    expect(resolveInboxOptions({ timeoutMs: 60_000 }).abandonAfterMs).toBe(600_000);
    expect(resolveInboxOptions({ timeoutMs: 1000 }).abandonAfterMs).toBe(300_000);
  });

  it.each<[string, object]>([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: 1.5 }],
    ['concurrency', { concurrency: Infinity }],
    ['concurrency', { concurrency: '16' }],
    ['retry.attempts', { retry: { attempts: 0 } }],
    ['retry.attempts', { retry: { attempts: NaN } }],
    ['retry.minDelayMs', { retry: { minDelayMs: 0 } }],
    ['retry.maxDelayMs', { retry: { minDelayMs: 10, maxDelayMs: 9 } }],
    ['worker', { worker: 'no' as unknown as boolean }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: NaN }],
    ['timeoutMs', { timeoutMs: 2 ** 31 }],
    ['abandonAfterMs', { timeoutMs: 100, abandonAfterMs: 100 }],
    ['abandonAfterMs', { abandonAfterMs: Infinity }],
    // Ten times of it is longer than a timer of Node takes.
    ['abandonAfterMs', { timeoutMs: 2 ** 31 - 1 }],
    ['shutdownTimeoutMs', { shutdownTimeoutMs: 0 }],
    ['keepBodiesDays', { keepBodiesDays: 0 }],
    ['keepBodiesDays', { keepBodiesDays: NaN }],
    ['keepIdsDays', { keepIdsDays: Infinity }],
    ['keepIdsDays', { keepBodiesDays: 30, keepIdsDays: 29 }],
    ['around', { around: 'x' }],
    ['onDead', { onDead: 'x' }],
    ['keepHeaders', { keepHeaders: 'x' }],
    ['keepHeaders', { keepHeaders: [1] }],
    ['keepHeaders', { keepHeaders: ['x-request-id', 'Authorization'] }],
    ['keepHeaders', { keepHeaders: ['cookie'] }],
    ['keepHeaders', { keepHeaders: ['PROXY-AUTHORIZATION'] }],
  ])('refuse a wrong %s by its name: %j', (name, options) => {
    const resolving = (): unknown => resolveInboxOptions(options as WebhookInboxOptions);

    expect(resolving).toThrow(WebhookConfigurationError);
    expect(resolving).toThrow(`WebhookInboxModule: ${name} must be`);
  });

  it('keep more headers when asked to, in lower case', () => {
    const { keepHeaders } = resolveInboxOptions({ keepHeaders: ['X-Request-Id'] });

    expect([...keepHeaders]).toEqual(
      expect.arrayContaining(['content-type', 'user-agent', 'stripe-signature', 'x-request-id']),
    );
  });

  it('keep no header that carries credentials', () => {
    const { keepHeaders } = resolveInboxOptions();

    expect([...keepHeaders].filter((name) => /authorization|cookie/.test(name))).toEqual([]);
  });
});

describe('The engine of the inbox', () => {
  it('is the one that was given', () => {
    const engine = memoryEngine();

    expect(resolveEngine({ engine })).toBe(engine);
  });

  it.each([undefined, {}])('is a memory engine of its own by default: %j', (options) => {
    expect(resolveEngine(options).capabilities).toMatchObject({ survives: 'nothing' });
    expect(resolveEngine(options)).not.toBe(resolveEngine(options));
  });

  it.each([
    ['an engine function that was not called', memoryEngine],
    ['an empty object', {}],
    ['null', null],
    ['a name', 'memory'],
  ])('is refused where it is none: %s', (_what, engine) => {
    const resolving = (): unknown => resolveEngine({ engine } as unknown as WebhookInboxOptions);

    expect(resolving).toThrow(WebhookConfigurationError);
    expect(resolving).toThrow(/: engine must be .*, such as memoryEngine\(\)\./);
  });
});

describe('The time after which an attempt is given up', () => {
  it.each([
    ['is abandonAfterMs where that is longer than the timeout', 4999, 5000],
    ['is ten times a timeout that is as long', 5000, 50_000],
    ['is ten times a timeout that is longer', 6000, 60_000],
    ['is never longer than a timer of Node takes', 2 ** 30, 2 ** 31 - 1],
  ])('%s', (_what, timeoutMs, expected) => {
    expect(abandonAfter({ abandonAfterMs: 5000 }, timeoutMs)).toBe(expected);
  });
});

describe('A delay', () => {
  it('may be as long as a timer of Node takes, and not a millisecond more', () => {
    expect(() => assertDelay('x', 2 ** 31 - 1)).not.toThrow();
    expect(() => assertDelay('x', 2 ** 31)).toThrow(WebhookConfigurationError);
  });
});
