import type { INestApplication } from '@nestjs/common';
import { WebhookConfigurationError } from '../../errors/webhook-configuration.error.js';
import type { ChaosKinds, ChaosReport } from './chaos-plan.js';
import { freshApplications, sharedApplication } from './chaos-stage.js';
import type { ChaosStage } from './chaos-stage.js';
import { expectSameOutcome } from './expect-same-outcome.js';
import type { AddressedEvent } from './prepared-events.js';

/** An event, or one with its endpoint where there are several. */
export type ChaosEvent = object | AddressedEvent;

export interface ChaosOptions {
  /** Makes an application; every run gets its own and closes it. It need not listen. */
  readonly createApp: () => INestApplication | Promise<INestApplication>;
  readonly events: readonly ChaosEvent[];
}

/** Where a failure was found, as its message prints it. */
export interface ChaosReplay {
  readonly seed: number;
  readonly path: string;
}

type ReadState = (app: INestApplication) => unknown;

interface ChaosFields {
  readonly events: readonly ChaosEvent[];
  readonly stage: ChaosStage | undefined;
  readonly app: INestApplication | undefined;
  readonly kinds: ChaosKinds | undefined;
  readonly runs: number;
  readonly seed: number | undefined;
  readonly path: string | undefined;
}

const NO_KINDS: ChaosKinds = {
  times: 1,
  isConcurrent: false,
  isShuffled: false,
  failing: [],
  crashing: [],
};
const ALL_KINDS: ChaosKinds = {
  times: 2,
  isConcurrent: true,
  isShuffled: true,
  failing: 'all',
  crashing: 'all',
};

/**
 * Brings events to an application in every way in which senders and crashes bring them, and compares what
 * it comes to each time with what it comes to when they come once, in order, one after another.
 *
 * Say what is to happen, or nothing for all of it. Each method gives a new object.
 */
export class Chaos {
  readonly #fields: ChaosFields;

  /** Made by `chaos()` and `tester.chaos()`. */
  constructor(fields: Pick<ChaosFields, 'events' | 'stage' | 'app'>) {
    this.#fields = { runs: 40, seed: undefined, path: undefined, kinds: undefined, ...fields };
  }

  /** @param reset Puts the application's own state back; called before every run. */
  startingFrom(reset: () => unknown): Chaos {
    const { app } = this.#fields;
    if (!app)
      throw new WebhookConfigurationError('chaos({ createApp }) starts from new applications.');
    return this.#with({ stage: sharedApplication(app, reset) });
  }

  /** Every event comes so many times, and its handlers run each time, as when a success was not recorded. */
  repeated(times = 2): Chaos {
    if (!Number.isSafeInteger(times) || times < 2) {
      throw new WebhookConfigurationError('chaos: repeated(times) must be a whole number from 2.');
    }
    return this.#withKinds({ times });
  }

  /** Events come at once. Handlers that run at once go on by turns, from one call to a provider to the next. */
  concurrently(): Chaos {
    return this.#withKinds({ isConcurrent: true });
  }

  /**
   * Events come in another order, and what has failed comes again after the others.
   * @param seed Of the random order. Default: another each time; a failure prints it.
   */
  shuffled(seed?: number): Chaos {
    const chaos = this.#withKinds({ isShuffled: true });
    return seed === undefined ? chaos : chaos.#with({ seed });
  }

  /**
   * An attempt of the handler fails, before it begins or because a call to a provider fails, and the
   * delivery is run again.
   * @param handler The handler's id. Default: each.
   */
  failingOnce(handler?: string): Chaos {
    return this.#withKinds({ failing: added(this.#kinds.failing, handler) });
  }

  /**
   * The process crashes after a call of the handler to a provider, or after its end but before that is
   * recorded; nothing of that attempt goes on, and the delivery is run again.
   * @param handler The handler's id. Default: each.
   */
  crashingAfter(handler?: string): Chaos {
    return this.#withKinds({ crashing: added(this.#kinds.crashing, handler) });
  }

  /**
   * How many runs mix what is asked for, after each kind was tried alone.
   * @param runs Default: 40.
   */
  runs(runs: number): Chaos {
    return this.#with({ runs });
  }

  /** Plays a failed run again, as its message says. */
  replaying({ seed, path }: ChaosReplay): Chaos {
    return this.#with({ seed, path });
  }

  /**
   * Plays the runs and compares what the application comes to.
   *
   * @param readState Gives what is compared: plain data, in an order that does not depend on time.
   * @throws Error with the smallest sequence that comes to something else, both states and the seed.
   */
  expectSameOutcome(readState: ReadState): Promise<ChaosReport> {
    const { stage, kinds = ALL_KINDS, ...fields } = this.#fields;
    if (!stage) {
      throw new WebhookConfigurationError(
        'tester.chaos() has to know how each run starts: .startingFrom(() => store.clear()). Or give every run ' +
          'an application of its own: chaos({ createApp, events }).',
      );
    }
    return expectSameOutcome({ ...fields, stage, kinds, readState });
  }

  get #kinds(): ChaosKinds {
    return this.#fields.kinds ?? NO_KINDS;
  }

  #withKinds(kinds: Partial<ChaosKinds>): Chaos {
    return this.#with({ kinds: { ...this.#kinds, ...kinds } });
  }

  #with(fields: Partial<ChaosFields>): Chaos {
    return new Chaos({ ...this.#fields, ...fields });
  }
}

/**
 * Tries handlers with every run on an application of its own. Needs the package `fast-check`.
 *
 * @example
 * await chaos({ createApp, events }).expectSameOutcome((app) => app.get(SubscriptionStore).all());
 */
export function chaos({ createApp, events }: ChaosOptions): Chaos {
  return new Chaos({ events, stage: freshApplications(createApp), app: undefined });
}

function added(
  known: readonly string[] | 'all',
  handler: string | undefined,
): readonly string[] | 'all' {
  if (handler === undefined || known === 'all') return 'all';
  return [...known, handler];
}
