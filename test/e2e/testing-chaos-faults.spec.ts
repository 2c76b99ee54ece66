import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Injectable, Scope } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { OnWebhook } from '../../src/index.js';
import { stripeEvent } from '../../src/testing/index.js';
import type { Chaos } from '../../src/testing/index.js';
import { ADAPTERS, startWebhookApp } from '../support/build-webhook-app.js';
import type { Adapter } from '../support/build-webhook-app.js';

// Many runs of a whole application.
jest.setTimeout(60_000);

/** Stands for a database. */
@Injectable()
class Counter {
  count = 0;
  readonly seen = new Set<string>();

  async add(by: number): Promise<void> {
    this.count += by;
  }

  async addOnce(id: string): Promise<void> {
    if (!this.isNew(id)) return;
    this.seen.add(id);
    this.count += 1;
  }

  isNew(id: string): boolean {
    return !this.seen.has(id);
  }
}

@Injectable()
class Locks {
  #tail: Promise<void> = Promise.resolve();

  #release: (() => void) | undefined;

  async lock(): Promise<void> {
    this.#release = await this.acquire();
  }

  async unlock(): Promise<void> {
    this.#release?.();
  }

  async acquire(): Promise<() => void> {
    const before = this.#tail;
    let release!: () => void;
    this.#tail = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }
}

interface Event {
  readonly id: string;
}

@Injectable()
class NotesErrors {
  constructor(private readonly counter: Counter) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    try {
      await this.counter.addOnce(id);
    } catch (error) {
      this.counter.count += 1000;
      throw error;
    }
  }
}

@Injectable()
class SwallowsFailures {
  constructor(private readonly counter: Counter) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    await this.counter.addOnce(id).catch(() => {});
  }
}

@Injectable()
class CountsUnderLock {
  constructor(
    private readonly counter: Counter,
    private readonly locks: Locks,
  ) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    const release = await this.locks.acquire();
    try {
      await this.counter.addOnce(id);
    } finally {
      release();
    }
  }
}

@Injectable()
class ReleasesByName {
  constructor(
    private readonly counter: Counter,
    private readonly locks: Locks,
  ) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    await this.locks.lock();
    try {
      await this.counter.addOnce(id);
    } finally {
      await this.locks.unlock();
    }
  }
}

@Injectable()
class LeavesHalfWay {
  constructor(private readonly counter: Counter) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    if (this.counter.isNew(id)) await this.#add(id);
  }

  async #add(id: string): Promise<void> {
    this.mark(id);
    await this.counter.add(1);
  }

  mark(id: string): void {
    this.counter.seen.add(id);
  }
}

@Injectable({ scope: Scope.REQUEST })
class OfTheRequest {
  constructor(private readonly counter: Counter) {}

  @OnWebhook('stripe', '*')
  async count({ id }: Event): Promise<void> {
    await this.counter.addOnce(id);
  }
}

async function outcomeOf(
  adapter: Adapter,
  handler: Type,
  say: (chaos: Chaos) => Chaos,
): Promise<string> {
  const { app, tester } = await startWebhookApp({
    adapter,
    providers: [Counter, Locks, handler],
  });
  const counter = app.get(Counter);
  const reset = () => {
    counter.count = 0;
    counter.seen.clear();
  };
  const events = ['evt_a', 'evt_b'].map((id) => stripeEvent('invoice.paid', { id }));
  return say(tester.chaos(events).startingFrom(reset))
    .expectSameOutcome(() => counter.count)
    .then(
      () => 'the same',
      ({ message }: Error) => message,
    );
}

describe.each(ADAPTERS)('a disturbed attempt on %s', (adapter) => {
  it('runs no `catch` after a crash, but does after a failure', async () => {
    const crashed = await outcomeOf(adapter, NotesErrors, (chaos) => chaos.crashingAfter());
    const failed = await outcomeOf(adapter, NotesErrors, (chaos) => chaos.failingOnce());

    expect(crashed).toBe('the same');
    expect(failed).toContain('After this one:\n  1001');
  });

  it('gets a failure of an asynchronous method as a rejection, in place of its effect', async () => {
    const failed = await outcomeOf(adapter, SwallowsFailures, (chaos) => chaos.failingOnce());
    const crashed = await outcomeOf(adapter, SwallowsFailures, (chaos) => chaos.crashingAfter());

    expect(failed).toContain('its call 1, Counter.addOnce, fails');
    expect(crashed).toBe('the same');
  });

  it('gives back its locks after a crash when the others wait for them', async () => {
    const crashed = await outcomeOf(adapter, CountsUnderLock, (chaos) =>
      chaos.crashingAfter().runs(5),
    );
    const released = await outcomeOf(adapter, ReleasesByName, (chaos) =>
      chaos.crashingAfter().runs(5),
    );
    const atOnce = await outcomeOf(adapter, CountsUnderLock, (chaos) =>
      chaos.crashingAfter().concurrently().runs(5),
    );

    expect([crashed, released, atOnce]).toEqual(Array(3).fill('the same'));
  });

  it('crashes also after methods that are not asynchronous, and after those of its own class', async () => {
    const crashed = await outcomeOf(adapter, LeavesHalfWay, (chaos) => chaos.crashingAfter());

    expect(crashed).toContain('the process crashes after its call 2, LeavesHalfWay.mark');
  });

  it('may be that of a handler of request scope', async () => {
    const outcome = await outcomeOf(adapter, OfTheRequest, (chaos) => chaos.runs(5));

    expect(outcome).toBe('the same');
  });

  it('leaves the application as it was', async () => {
    const { app, tester } = await startWebhookApp({
      adapter,
      providers: [Counter, SwallowsFailures],
    });
    const counter = app.get(Counter);
    const chaos = tester
      .chaos([stripeEvent('invoice.paid')])
      .startingFrom(() => (counter.count = 0));
    await chaos
      .repeated()
      .runs(1)
      .expectSameOutcome(() => 'whatever');

    const { status } = await tester.stripe().event('invoice.paid');

    expect(status).toBe(200);
    expect(await tester.delivery('evt_1', 'SwallowsFailures.count')).toMatchObject({ attempts: 1 });
    expect(() => counter.isNew('evt_1')).not.toThrow();
  });
});
