import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { InboxUnavailableError } from '../../src/errors/inbox-unavailable.error.js';
import { InboxLifecycle } from '../../src/inbox/inbox-lifecycle.js';
import { deferred } from '../support/deferred.js';

async function track<T>(lifecycle: InboxLifecycle, work: () => Promise<T>): Promise<T> {
  lifecycle.enter();
  try {
    return await work();
  } finally {
    lifecycle.leave();
  }
}

describe('The lifecycle of the inbox', () => {
  it('is closed until it is opened', () => {
    const lifecycle = new InboxLifecycle();

    expect(() => lifecycle.assertOpen()).toThrow(/not started: call app\.init\(\)/);
  });

  it('is open until it is drained', async () => {
    const lifecycle = new InboxLifecycle();
    lifecycle.open();
    expect(() => lifecycle.assertOpen()).not.toThrow();

    await lifecycle.drain();

    expect(() => lifecycle.assertOpen()).toThrow(InboxUnavailableError);
    expect(() => lifecycle.assertOpen()).toThrow(
      expect.objectContaining({ statusCode: 503, retryAfterSeconds: 10 }),
    );
  });

  it('is closed as soon as draining begins', async () => {
    const lifecycle = new InboxLifecycle();
    const work = deferred();
    const tracked = track(lifecycle, () => work.promise);

    const drained = lifecycle.drain();

    expect(() => lifecycle.assertOpen()).toThrow(InboxUnavailableError);
    work.resolve();
    await Promise.all([tracked, drained]);
  });

  it('is drained when the last event has its answer, whatever it was', async () => {
    const lifecycle = new InboxLifecycle();
    const order: string[] = [];
    const [good, bad] = [deferred<string>(), deferred<string>()];
    const answered = track(lifecycle, () => good.promise);
    const failed = track(lifecycle, () => bad.promise).catch((error: Error) => error.message);
    const drained = lifecycle.drain().then(() => order.push('drained'));

    good.resolve('200');
    await setImmediate();
    order.push('one answered');
    bad.reject(new Error('No.'));
    await drained;

    expect(order).toEqual(['one answered', 'drained']);
    expect([await answered, await failed]).toEqual(['200', 'No.']);
  });

  it('lets everyone wait for the same end', async () => {
    const lifecycle = new InboxLifecycle();
    const work = deferred();
    const tracked = track(lifecycle, () => work.promise);
    const drains = [lifecycle.drain(), lifecycle.drain()];

    work.resolve();

    await expect(Promise.all([tracked, ...drains])).resolves.toHaveLength(3);
  });

  it('tells those who wait when it is given up, and not those who no longer do', () => {
    const lifecycle = new InboxLifecycle();
    const [waiting, done] = [jest.fn(), jest.fn()];
    lifecycle.onGiveUp(waiting);
    const forget = lifecycle.onGiveUp(done);
    forget();

    lifecycle.giveUp();

    expect(waiting).toHaveBeenCalledTimes(1);
    expect(done).not.toHaveBeenCalled();
  });
});
