import { isPromise } from 'node:util/types';
import type { Outcome } from '../../inbox/webhook-engine.interface.js';
import { ChaosError } from './chaos-error.js';
import type { FaultPoint } from './chaos-plan.js';
import type { TurnTaker, TurnTaking } from './turn-taker.js';

/** What an attempt tells of itself while it runs. */
export interface AttemptObserver {
  readonly turns: TurnTaker | undefined;
  /** Something has happened, in words. */
  note(what: string): void;
  onBegin(): void;
  /** It has come further. */
  onProgress(): void;
  onEnd(): void;
  onCrash(attempt: WatchedAttempt): void;
}

export interface WatchedAttemptFields {
  /** Such as `Billing.onPaid evt_1`. */
  readonly title: string;
  readonly rank: number;
  readonly fault: FaultPoint | undefined;
  /** Whether it is to be run again although it has succeeded. */
  readonly isRepeated: boolean;
  readonly observer: AttemptObserver;
}

/** A call of a method of a provider, made by an attempt. */
export interface ProviderCall {
  /** Such as `Accounts.increment`. */
  readonly title: string;
  readonly isAsync: boolean;
  readonly invoke: () => unknown;
}

/** Calls that give back what was held, such as a lock, a connection or a transaction. */
const GIVES_BACK = /\.\w*(?:release|unlock|rollback|close)/i;

/** One attempt of one handler, disturbed as the plan says. */
export class WatchedAttempt implements TurnTaking {
  readonly rank: number;
  readonly #fields: WatchedAttemptFields;
  #calls = 0;
  #state: 'running' | 'crashed' | 'ended' = 'running';
  #onThaw!: () => void;
  readonly #thawed = new Promise<void>((resolve) => (this.#onThaw = resolve));
  #onCrash!: (outcome: Outcome) => void;
  /** Resolves when the process has crashed, as far as this attempt goes. */
  readonly #crashed = new Promise<Outcome>((resolve) => (this.#onCrash = resolve));

  constructor(fields: WatchedAttemptFields) {
    this.#fields = fields;
    this.rank = fields.rank;
  }

  /** How many calls to providers it has made. */
  get calls(): number {
    return this.#calls;
  }

  /** Runs the attempt and says what the inbox is to believe of it. */
  async run(work: () => Promise<Outcome>): Promise<Outcome> {
    const { observer } = this.#fields;
    observer.onBegin();
    try {
      return await this.#run(work);
    } finally {
      observer.turns?.leave(this);
      observer.onEnd();
    }
  }

  async #run(work: () => Promise<Outcome>): Promise<Outcome> {
    const { title, fault, observer } = this.#fields;
    await observer.turns?.take(this);
    if (fault?.kind === 'fail' && fault.call === 0) {
      observer.note(`${title} fails before it begins`);
      return failed('failed before it began');
    }
    observer.note(`${title} begins`);
    const outcome = await Promise.race([work(), this.#crashed]);
    if (this.#state !== 'running') return outcome;
    this.#state = 'ended';
    return this.#believed(outcome);
  }

  /** Makes a call to a provider for the attempt, or fails it, or crashes after it. */
  call({ title: name, isAsync, invoke }: ProviderCall): unknown {
    if (this.#state === 'ended') return invoke();
    if (this.#state === 'crashed') return this.#callOfTheDead(name, invoke);
    this.#calls += 1;
    const { title, fault, observer } = this.#fields;
    const isHit = fault?.call === this.#calls;
    observer.onProgress();
    if (isHit && fault.kind === 'fail') {
      observer.note(`${title}: its call ${this.#calls}, ${name}, fails`);
      const error = new ChaosError(`${name} failed, by the plan of this test.`);
      if (isAsync) return Promise.reject(error);
      throw error;
    }
    observer.note(`${title} calls ${name}`);
    const result = invoke();
    if (isPromise(result)) return this.#afterCall(name, result, isHit);
    // A method that is not async cannot be held; what comes after it is refused.
    if (isHit) this.#crash(name);
    return result;
  }

  /** Lets what has crashed come to its end: whoever waits for its locks gets them. */
  thaw(): void {
    this.#onThaw();
  }

  async #afterCall(name: string, result: Promise<unknown>, isHit: boolean): Promise<unknown> {
    await Promise.allSettled([result]);
    if (isHit && this.#state === 'running') this.#crash(name);
    if (this.#state === 'running') {
      this.#fields.observer.onProgress();
      await this.#fields.observer.turns?.take(this);
    }
    // A crashed process does not go on, not even to its `catch` and `finally`.
    if (this.#state === 'crashed') await this.#thawed;
    return result;
  }

  /** What is dead does nothing more, but what it held is given back for it. */
  #callOfTheDead(name: string, invoke: () => unknown): unknown {
    if (GIVES_BACK.test(name)) return invoke();
    throw new ChaosError('The process has crashed, by the plan of this test.');
  }

  #crash(name: string): void {
    const { title, observer } = this.#fields;
    this.#state = 'crashed';
    observer.note(`${title}: the process crashes after its call ${this.#calls}, ${name}`);
    observer.turns?.leave(this);
    observer.onCrash(this);
    this.#onCrash(failed('crashed'));
  }

  #believed(outcome: Outcome): Outcome {
    const { title, fault, isRepeated, observer } = this.#fields;
    if (outcome.status !== 'succeeded') {
      observer.note(`${title}: ${outcome.status}, ${describe(outcome)}`);
      return outcome;
    }
    if (fault?.kind === 'crash') {
      observer.note(`${title} ends, and the process crashes before that is recorded`);
      return failed('crashed');
    }
    if (isRepeated) {
      observer.note(`${title} ends, and will be run once more`);
      return failed('to be run once more');
    }
    observer.note(`${title} succeeds`);
    return outcome;
  }
}

function failed(message: string): Outcome {
  return { status: 'failed', error: { name: 'ChaosError', message: `${message}, by the plan` } };
}

function describe(outcome: Outcome): string {
  if ('error' in outcome) return `${outcome.error.name}: ${outcome.error.message}`;
  return 'reason' in outcome ? outcome.reason : '';
}
